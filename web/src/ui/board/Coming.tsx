import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { BoardState, CaptureState } from "../../link/shared";
import { Button } from "../buttons";
import { WarningIcon } from "../icons";
import { refusalWords } from "../refusals";
import { toast } from "../toasts";
import { sendingWords } from "./Rail";

/** What is under way, and what kind of picture this is. */
export function Coming({ call, board }: { call: Call; board: BoardState }) {
	const sending = call.shared.sending.value;
	const coming = board.capture.state === "coming" ? board.capture : null;
	return (
		<>
			{board.base?.quality === "low" && <p class="pill">{t("picture_low")}</p>}
			<div role="status">
				{coming !== null && (
					<p class="pill busy">
						<i aria-hidden="true" />
						{coming.progress === null ? t("picture_coming") : t("picture_uploading", { n: Math.round(coming.progress * 100) })}
					</p>
				)}
				{sending !== null && (
					<p class="pill busy">
						<i aria-hidden="true" />
						{sendingWords(sending)}
					</p>
				)}
			</div>
		</>
	);
}

interface NoteProps {
	call: Call;
	board: BoardState;
	name: string;
	/** What else can be done. */
	more?: ComponentChildren;
}

/** Why the sharp picture is not there, and what can be done; drawing goes on meanwhile. */
export function CaptureNote({ call, board, name, more }: NoteProps) {
	const busy = useSignal(false);
	const { capture } = board;
	const again = async (): Promise<void> => {
		if (capture.state === "unloadable") return call.shared.reload();
		busy.value = true;
		const refusal = await call.shared.captureAgain();
		busy.value = false;
		if (refusal !== null) toast(refusalWords(refusal));
	};
	const shown = capture.state === "failed" || capture.state === "unloadable";
	return (
		<div class="capture-note" role="status">
			{shown && (
				<div class="banner">
					<p>
						<WarningIcon />
						<span>{capture.state === "failed" ? failedWords(call, capture.why, name) : t("picture_unloadable")}</span>
					</p>
					<div class="actions">
						<Button busy={busy.value} onClick={() => void again()}>
							{t("try_again")}
						</Button>
						{capture.state === "failed" && capture.canGoOn && more}
					</div>
				</div>
			)}
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
		case "no_picture":
		case "upload_failed":
		case "late":
			return t(`capture_${why}`);
	}
}
