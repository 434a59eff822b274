import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { BoardState, CaptureState } from "../../link/picture/contract";
import { Busy } from "../busy";
import { Button } from "../buttons";
import { WarningIcon } from "../icons";
import { refusalWords } from "../refusals";
import { note, toast } from "../toasts";
import { sendingWords } from "./Rail";

/** Progress of capture and sending, and the mark of a low-resolution picture. */
export function Coming({ call, board }: { call: Call; board: BoardState }) {
	const sending = call.shared.sending.value;
	const { capture } = board;
	const coming = capture.state === "coming";
	const progress = coming ? capture.progress : null;
	return (
		<>
			{board.picture.source === "gallery" && <p class="pill">{t("picture_gallery")}</p>}
			{board.base?.quality === "low" && <p class="pill">{t("picture_low")}</p>}
			<div class="under-way">
				<Busy
					words={coming ? t(progress === null ? "picture_coming" : "picture_uploading") : null}
					progress={progress}
				/>
				<Busy
					words={sending === null ? null : sendingWords(sending)}
					progress={sending?.state === "uploading" && sending.picture === board.picture.id ? sending.progress : null}
				/>
			</div>
		</>
	);
}

interface NoteProps {
	call: Call;
	board: BoardState;
	name: string;
	/** The browser provides no canvas; `onPaint` tries again. */
	blank: boolean;
	onPaint: () => void;
	/** A further button. */
	more?: ComponentChildren;
}

/** Why the sharp picture is missing, and what can be done. Drawing stays possible. */
export function CaptureNote({ call, board, name, blank, onPaint, more }: NoteProps) {
	const busy = useSignal(false);
	const { capture } = board;
	const again = async (): Promise<void> => {
		if (blank) return onPaint();
		if (capture.state === "unloadable") return call.shared.reload();
		busy.value = true;
		const refusal = await call.shared.captureAgain(board.picture.id);
		busy.value = false;
		if (refusal !== null) toast(refusalWords(refusal));
	};
	const failed = capture.state === "failed" && !blank ? capture : null;
	const shown = blank || failed !== null || capture.state === "unloadable";
	const helps = failed?.why === "canvas_blocked" && failed.canGoOn;
	useEffect(() => {
		if (helps) void helpOut(call, name);
	}, [helps]);
	return (
		<div class="capture-note" role="status">
			<Blocked call={call} board={board} name={name} />
			{shown && (
				<div class="banner">
					<p>
						<WarningIcon />
						<span>{failed === null ? t("picture_unloadable") : failedWords(call, failed.why, name)}</span>
					</p>
					<div class="actions">
						<Button busy={busy.value} onClick={() => void again()}>
							{t("try_again")}
						</Button>
						{failed?.canGoOn && more}
					</div>
				</div>
			)}
		</div>
	);
}

/** The customer's browser gives no picture: the agent's frame takes its place, without a press. */
async function helpOut(call: Call, name: string): Promise<void> {
	if ((await call.shared.usePreviewFrame()) === null) note(t("capture_canvas_blocked_of", { name }));
}

/**
 * Why the picture is not the sharp one although all went well, on the page that could change it.
 */
function Blocked({ call, board, name }: Pick<NoteProps, "call" | "board" | "name">) {
	const closed = useSignal(false);
	if (!call.shared.blocked.value || board.base?.quality !== "low" || closed.value) return null;
	return (
		<div class="banner">
			<p>
				<WarningIcon />
				<span>{t("capture_canvas_blocked", { name })}</span>
			</p>
			<div class="actions">
				<Button onClick={() => (closed.value = true)}>{t("close")}</Button>
			</div>
		</div>
	);
}

function failedWords(call: Call, why: Extract<CaptureState, { state: "failed" }>["why"], name: string): string {
	const of = call.seat === "customer" ? "" : "_of";
	switch (why) {
		case "camera_off":
			return t(`capture_camera_off${of}`, { name });
		case "in_background":
		case "paused":
			return t(`capture_background${of}`, { name });
		case "away":
			return t(`capture_away${of}`, { name });
		case "canvas_blocked":
			return t(`capture_canvas_blocked${of}`, { name });
		case "no_picture":
		case "upload_failed":
		case "late":
			return t(`capture_${why}`);
	}
}
