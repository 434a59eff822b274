import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import { casePath, whenMade } from "../../link/server/case-file";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { failureWords } from "../../ui/refusals";
import { toast } from "../../ui/toasts";
import type { CallDetail, SessionId } from "../../wire/generated";
import { go, inviteAgain, me, signedOut } from "../console";
import { EMBEDDED } from "../entrance";
import { useThere } from "../there";
import { w } from "../words";
import { erase } from "./case-api";
import { printWhole } from "./printing";
import { d } from "./words";

interface ActionsProps {
	session: SessionId;
	detail: CallDetail;
}

/** What can be done with a call that is over. */
export function Actions({ session, detail }: ActionsProps) {
	const erasing = useSignal(false);
	const ended = detail.ended !== undefined;
	const { number = "", reference } = detail;
	return (
		<div class="detail-actions">
			{/* A navigation names no door. The program around the frame fetches the file by the API. */}
			{!EMBEDDED && <Download session={session} />}
			<Print />
			{ended && <Button onClick={() => inviteAgain({ number, reference })}>{w("invite_again")}</Button>}
			{ended && me.value?.role === "admin" && <Button onClick={() => (erasing.value = true)}>{d("erase")}</Button>}
			{erasing.value && <EraseDialog session={session} onClose={() => (erasing.value = false)} />}
		</div>
	);
}

/** Waits until the file is made, then leaves the download to the browser. */
function Download({ session }: { session: SessionId }) {
	const making = useSignal(false);
	const there = useThere();
	const download = async (): Promise<void> => {
		if (making.peek()) return;
		making.value = true;
		const found = await whenMade(casePath(session), () => there.current);
		making.value = false;
		if (!there.current) return;
		if (found === "ready") location.assign(casePath(session));
		else toast(found === "refused" ? d("download_running") : t("refusal_trouble"));
	};
	return (
		<>
			<Button kind="primary" busy={making.value} onClick={() => void download()}>
				{d("download")}
			</Button>
			{making.value && (
				<p class="hint" role="status">
					{d("download_making")}
				</p>
			)}
		</>
	);
}

function Print() {
	const busy = useSignal(false);
	const there = useThere();
	const print = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		await printWhole(() => there.current);
		busy.value = false;
	};
	return (
		<Button busy={busy.value} onClick={() => void print()}>
			{d("print")}
		</Button>
	);
}

function EraseDialog({ session, onClose }: { session: SessionId; onClose: () => void }) {
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const there = useThere();
	const eraseNow = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		const answer = await erase(session);
		busy.value = false;
		if (!answer.ok) {
			if (!signedOut(answer.error)) failed.value = failureWords(answer.error);
			return;
		}
		toast(d("erased"));
		// The agent may be in a call by now.
		if (there.current) go("calls");
	};
	return (
		<Dialog title={d("erase_ask")} busy={busy.value} onClose={onClose}>
			<p>{d("erase_more")}</p>
			{failed.value !== null && <p role="alert">{failed.value}</p>}
			<div class="actions">
				<Button disabled={busy.value} onClick={onClose}>
					{t("cancel")}
				</Button>
				<Button kind="danger" busy={busy.value} onClick={() => void eraseNow()}>
					{d("erase_yes")}
				</Button>
			</div>
		</Dialog>
	);
}
