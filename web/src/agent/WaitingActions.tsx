import { useSignal } from "@preact/signals";
import type { Call } from "../link/call";
import type { View } from "../session/view";
import { Button } from "../ui/buttons";
import { now, secondsLeft } from "../ui/clock";
import { copyText } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { CopyIcon } from "../ui/call-icons";
import { CloseIcon } from "../ui/icons";
import { failureWords, refusalWords } from "../ui/refusals";
import { note, toast } from "../ui/toasts";
import * as api from "./calls-api";
import { me, signedOut } from "./console";
import { QrIcon, RefreshIcon } from "./icons";
import { nextSend } from "./progress";
import { QrDialog } from "./QrDialog";
import { w } from "./words";

/** Other ways to reach the customer, another message, or cancelling. */
export function WaitingActions({ call }: { call: Call }) {
	const open = useSignal<"qr" | "cancel" | null>(null);
	const byHand = useSignal<string | null>(null);
	const copy = async (): Promise<void> => {
		const answer = await api.freshLink(call.session);
		if (!answer.ok) return signedOut(answer.error) ? undefined : toast(failureWords(answer.error));
		if (!(await copyText(answer.value.link, w("copied")))) byHand.value = answer.value.link;
	};
	const cancel = async (): Promise<void> => {
		open.value = null;
		const refusal = await call.cancel();
		if (refusal !== null) toast(refusalWords(refusal));
	};
	return (
		<>
			<div class="waiting-actions">
				<Button icon={CopyIcon} onClick={() => void copy()}>
					{w("copy")}
				</Button>
				<Button icon={QrIcon} onClick={() => (open.value = "qr")}>
					{w("qr")}
				</Button>
				{call.view.value.number !== null && <SendAgain call={call} />}
				<Button icon={CloseIcon} onClick={() => (open.value = "cancel")}>
					{w("cancel")}
				</Button>
			</div>
			{byHand.value !== null && (
				<label class="field">
					<span>{w("link_by_hand")}</span>
					<input readOnly dir="ltr" value={byHand.value} onFocus={(event) => event.currentTarget.select()} />
				</label>
			)}
			{open.value === "qr" && <QrDialog session={call.session} onClose={() => (open.value = null)} />}
			{open.value === "cancel" && (
				<Dialog title={w("cancel_ask")} onClose={() => (open.value = null)}>
					<p>{w("cancel_more")}</p>
					<div class="actions">
						<Button onClick={() => (open.value = null)}>{w("cancel_no")}</Button>
						<Button kind="danger" onClick={() => void cancel()}>
							{w("cancel_yes")}
						</Button>
					</div>
				</Dialog>
			)}
		</>
	);
}

function SendAgain({ call }: { call: Call }) {
	const busy = useSignal(false);
	/** Page time until which the server said it would refuse. */
	const refused_until = useSignal(0);
	const view = call.view.value;
	const next_ms = nextSend(view, me.value?.cool_down_ms ?? 0) - call.clockOffset.value;
	const wait_s = secondsLeft(Math.max(next_ms, refused_until.value), now.value);
	const send = async (): Promise<void> => {
		busy.value = true;
		const answer = await api.sendAgain(call.session, (view.sms.at(-1)?.attempt ?? 0) + 1);
		busy.value = false;
		if (answer.ok) return note(w("again_sent"));
		if (signedOut(answer.error)) return;
		if (answer.error.error === "refused" && answer.error.why === "too_soon") {
			refused_until.value = performance.now() + answer.error.wait_ms;
			return;
		}
		toast(failureWords(answer.error));
	};
	const waits = wait_s > 0;
	const hint = sendAgainHint(view.sms, wait_s);
	return (
		<div class="again">
			<Button
				icon={RefreshIcon}
				busy={busy.value}
				disabled={waits}
				{...(hint === null ? {} : { description: hint })}
				onClick={() => void send()}
			>
				{w("again")}
			</Button>
			{hint !== null && (
				<small class="hint" aria-hidden="true">
					{hint}
				</small>
			)}
		</div>
	);
}

/** What the agent should know before another message. */
function sendAgainHint(sms: View["sms"], wait_s: number): string | null {
	if (sms.findLast(({ outcome }) => outcome !== "unknown")?.outcome === "opted_out") return w("again_opted_out");
	return wait_s > 0 ? w("again_in", { s: wait_s }) : null;
}
