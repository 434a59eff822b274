import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { BoardState } from "../../link/picture/contract";
import { Button, RoundButton } from "../buttons";
import { Dialog } from "../dialog";
import { markOwn, forgetOwn } from "../picture-notices";
import { BinIcon, RedoIcon, SendIcon, UndoAllIcon, UndoIcon } from "../icons";
import { refusalWords } from "../refusals";
import { note, toast } from "../toasts";

interface RailProps {
	call: Call;
	board: BoardState;
	more?: ComponentChildren;
	/** Whether redo is always shown. On the customer's page it appears when it can be used. */
	always: boolean;
}

/** The four buttons that both pages have under a picture, and those of one page. */
export function Rail({ call, board, more, always }: RailProps) {
	const { shared } = call;
	const asking = useSignal(false);
	const nothing = board.canUndo ? null : t("undo_nothing");
	const send = async (): Promise<void> => {
		const outcome = await shared.send();
		if (outcome === null) note(t("send_done"));
		else if (outcome !== "cancelled") toast(outcome === "upload_failed" ? t("send_failed") : refusalWords(outcome));
	};
	return (
		<div class="board-rail">
			{more}
			{(always || board.canRedo) && (
				<RoundButton
					name={t("redo")}
					icon={RedoIcon}
					unable={board.canRedo ? null : t("redo_nothing")}
					onClick={() => shared.redo()}
				/>
			)}
			<RoundButton name={t("delete_picture")} icon={BinIcon} danger onClick={() => (asking.value = true)} />
			<RoundButton name={t("undo_all")} icon={UndoAllIcon} unable={nothing} onClick={() => shared.undoAll()} />
			<RoundButton name={t("undo_single")} icon={UndoIcon} unable={nothing} onClick={() => shared.undo()} />
			<RoundButton
				name={t("send_annotation")}
				icon={SendIcon}
				kind="send-picture"
				busy={shared.sending.value?.picture === board.picture.id}
				unable={sendReason(call, board)}
				onClick={() => void send()}
			/>
			{asking.value && <DeleteDialog call={call} picture={board.picture.id} onClose={() => (asking.value = false)} />}
		</div>
	);
}

function sendReason(call: Call, board: BoardState): string | null {
	const sending = call.shared.sending.value;
	if (sending?.picture === board.picture.id) return sendingWords(sending);
	return board.capture.state === "there" ? null : t("send_not_yet");
}

export function sendingWords(sending: NonNullable<Call["shared"]["sending"]["value"]>): string {
	return t(sending.state === "composing" ? "send_composing" : "send_uploading");
}

function DeleteDialog({ call, picture, onClose }: { call: Call; picture: number; onClose: () => void }) {
	const busy = useSignal(false);
	const confirm = async (): Promise<void> => {
		busy.value = true;
		markOwn(call, "delete", picture);
		const refusal = await call.shared.deletePicture();
		busy.value = false;
		if (refusal !== null) {
			forgetOwn(call, "delete", picture);
			onClose();
			toast(refusalWords(refusal));
		}
	};
	return (
		<Dialog title={t("delete_ask")} onClose={onClose}>
			<p>{t("delete_ask_more")}</p>
			<div class="actions">
				<Button onClick={onClose}>{t("cancel")}</Button>
				<Button kind="danger" busy={busy.value} disabled={busy.value} onClick={() => void confirm()}>
					{t("delete_yes")}
				</Button>
			</div>
		</Dialog>
	);
}
