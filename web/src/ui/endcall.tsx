import "../i18n/en-live";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { nextTask } from "../link/turn";
import { Button } from "./buttons";
import { Dialog } from "./dialog";
import { ending } from "./ending";
import { useLong } from "./loading";
import { refusalWords } from "./refusals";
import { toast } from "./toasts";

/** Asks once, then ends the call for both and covers the page until the log confirms it. */
export function EndDialog({ call, onClose }: { call: Call; onClose: () => void }) {
	const end = async (): Promise<void> => {
		const refusal = await call.end();
		if (refusal === null) return;
		onClose();
		// A stopped page already shows why.
		if (call.stop.peek() === null) toast(refusalWords(refusal));
	};
	if (call.ending.value) return <Ending call={call} />;
	return (
		<Dialog title={t("end_ask")} onClose={onClose}>
			<p>{t("end_ask_more")}</p>
			<div class="actions">
				<Button onClick={onClose}>{t("cancel")}</Button>
				<Button kind="danger" onClick={() => void end()}>
					{t("end_for_both")}
				</Button>
			</div>
		</Dialog>
	);
}

/** The call is over for this person at once, even if the server cannot be reached yet. */
function Ending({ call }: { call: Call }) {
	const cover = useRef<HTMLDialogElement>(null);
	const is = call.connection.value;
	const lost = is.state === "reconnecting" && is.lost === "socket";
	const long = useLong(LONG_MS);
	useLayoutEffect(() => {
		let gone = false;
		ending.value = true;
		// The question closes first: for either the browser lays out the whole page.
		void nextTask().then(() => {
			if (!gone) cover.current?.showModal();
		});
		return () => {
			gone = true;
			ending.value = false;
		};
	}, []);
	return (
		<dialog
			class="ending"
			ref={cover}
			aria-label={t("ending")}
			onCancel={(event) => event.preventDefault()}
			// Browsers close a dialog on the second Escape without asking.
			onClose={() => cover.current?.showModal()}
		>
			<div role="status">
				<p>
					<strong>{t("ending")}</strong>
				</p>
				{(lost || long) && <p>{t("ending_more")}</p>}
			</div>
		</dialog>
	);
}

const LONG_MS = 3_000;
