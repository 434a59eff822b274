import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { copyText } from "../ui/copy";
import { CopyIcon } from "../ui/call-icons";
import { note } from "../ui/toasts";
import type { SessionId } from "../wire/generated";
import * as api from "./calls-api";
import { CodeHint, CustomerCode, useCode } from "./CustomerCode";
import { Devices } from "./guest/Devices";
import { RefreshIcon } from "./icons";
import { type Code, Drawn, draw } from "./QrDialog";
import { w } from "./words";

/** What the agent may do about the customer's side of the call. */
export function GuestControls({ call, customer }: { call: Call; customer: string }) {
	const renews = useSignal(false);
	const name = w("renew");
	return (
		<div role="group" aria-label={w("guest_controls")} class="guest-controls">
			<span class="guest-caption" aria-hidden="true">
				{w("customer")}
			</span>
			<Devices call={call} name={customer} />
			<button type="button" class="bare" aria-label={name} title={name} onClick={() => (renews.value = true)}>
				<RefreshIcon />
			</button>
			{renews.value && <RenewedDialog session={call.session} onClose={() => (renews.value = false)} />}
		</div>
	);
}

/** Takes back the customer's links and shows the new one, in every way that an invite has. */
function RenewedDialog({ session, onClose }: { session: SessionId; onClose: () => void }) {
	const code = useSignal<Code>(null);
	useEffect(() => {
		void draw(api.renewLink(session)).then((made) => {
			code.value = made;
		});
	}, []);
	const drawn = code.value;
	return (
		<Dialog title={w("renewed_title")} onClose={onClose}>
			<Drawn code={drawn} />
			{drawn !== null && "link" in drawn && <Renewed session={session} />}
			<div class="actions">
				{drawn !== null && "link" in drawn && <Copy link={drawn.link} />}
				<Button onClick={onClose}>{t("close")}</Button>
			</div>
		</Dialog>
	);
}

function Renewed({ session }: { session: SessionId }) {
	const code = useCode(session);
	return (
		<>
			<p class="hint">{w("renewed_more")}</p>
			{code !== null && (
				<>
					<dl class="facts">
						<CustomerCode shown={code} />
					</dl>
					<CodeHint shown={code} />
				</>
			)}
		</>
	);
}

/** Where the browser forbids copying, the link is there to be selected. */
function Copy({ link }: { link: string }) {
	const copy = async (): Promise<void> => {
		if (!(await copyText(link, w("copied")))) note(w("copy_by_hand"));
	};
	return (
		<Button icon={CopyIcon} onClick={() => void copy()}>
			{w("copy")}
		</Button>
	);
}
