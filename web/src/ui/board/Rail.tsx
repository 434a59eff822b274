import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { BoardState } from "../../link/picture/contract";
import { RoundButton } from "../buttons";
import { markOwn, forgetOwn } from "../picture-notices";
import { BinIcon, RedoIcon, SendIcon, UndoAllIcon, UndoIcon } from "../call-icons";
import { refusalWords } from "../refusals";
import { takePicture } from "../shutter";
import { note, toast } from "../toasts";

interface RailProps {
	call: Call;
	board: BoardState;
	/** The other person. */
	name: string;
	/** A stroke is under the finger. */
	drawing: boolean;
	more?: ComponentChildren;
	/** Whether redo is always shown. On the customer's page it appears when it can be used. */
	always: boolean;
}

/** The four buttons that both pages have under a picture, and those of one page. */
export function Rail({ call, board, name, drawing, more, always }: RailProps) {
	const { shared } = call;
	const nothing = board.canUndo ? null : t("undo_nothing");
	const send = async (): Promise<void> => {
		const outcome = await shared.send(board.picture.id);
		if (outcome === null) note(t("send_done"));
		else if (outcome === "canvas_blocked") toast(t("send_canvas_blocked", { name }));
		else if (outcome !== "cancelled") toast(outcome === "upload_failed" ? t("send_failed") : refusalWords(outcome));
	};
	return (
		<div class="board-rail">
			<Delete call={call} picture={board.picture.id} drawing={drawing} />
			{more}
			{(always || board.canRedo) && (
				<RoundButton
					name={t("redo")}
					icon={RedoIcon}
					unable={board.canRedo ? null : t("redo_nothing")}
					onClick={() => shared.redo()}
				/>
			)}
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

interface DeleteProps {
	call: Call;
	picture: number;
	drawing: boolean;
}

/**
 * Deletes at one press and asks nothing. A press that was meant for what stood here before the
 * board opened does nothing, and neither does a hand that draws.
 */
function Delete({ call, picture, drawing }: DeleteProps) {
	const guarded = useSignal(true);
	useEffect(() => {
		const timer = setTimeout(() => (guarded.value = false), GUARD_MS);
		return () => clearTimeout(timer);
	}, []);
	const press = async (): Promise<void> => {
		guarded.value = true;
		markOwn(call, "delete", picture);
		const refusal = await call.shared.deletePicture(picture);
		guarded.value = false;
		if (refusal === null) return tellDeleted(call);
		forgetOwn(call, "delete", picture);
		toast(refusalWords(refusal));
	};
	return (
		<RoundButton
			name={t("delete_picture")}
			icon={BinIcon}
			danger
			unable={guarded.value || drawing ? "" : null}
			onClick={() => void press()}
		/>
	);
}

/** Who deleted by mistake, or for a better picture, has the shutter at hand. */
function tellDeleted(call: Call): void {
	const able = call.shared.shutter.peek() === "ready";
	note(t("deleted"), able ? { name: t("take_another"), take: () => void takePicture(call) } : undefined);
}

/** Longer than a second tap takes, shorter than reading the buttons does. */
const GUARD_MS = 400;
