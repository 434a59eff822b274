import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { DISPLAY_NAME_MAX } from "../wire/generated";
import { Button } from "../ui/buttons";
import { isComposing } from "../ui/enter";
import { CameraIcon, WarningIcon } from "../ui/icons";
import { Level } from "../ui/level";
import { LocalVideo } from "../ui/video";
import { Brand } from "./Brand";
import { Joining, SocketBlocked } from "./Joining";
import { keptWords } from "./kept";
import { chooseVideoOnly, devices, elsewhere, join, joining, look, name, rename, showCamera, videoOnly } from "./page";

/** Shows who invites, and asks for a name before Join; the camera can be tried. */
export function Lobby() {
	const agent = look.value?.agent_name ?? "";
	return (
		<main class="sheet-page">
			<Brand />
			<div class="lobby">
				<div class="lobby-head">
					<h1>{t("invites", { agent })}</h1>
					<p>{t("invites_from", { business: look.value?.business ?? "" })}</p>
				</div>
				<Preview />
				<form
					class="lobby-form"
					onSubmit={(event) => {
						event.preventDefault();
						void join();
					}}
				>
					{elsewhere.value && <p class="hint">{t("move_more")}</p>}
					<label class="field">
						<span>{t("your_name")}</span>
						<input
							type="text"
							autoComplete="name"
							enterkeyhint="done"
							maxLength={DISPLAY_NAME_MAX}
							dir="auto"
							value={name.value}
							onInput={(event) => {
								name.value = event.currentTarget.value;
							}}
							onFocus={(event) => event.currentTarget.select()}
							onBlur={rename}
							onKeyDown={(event) => {
								// "Done" on a phone's keyboard closes the keyboard and does not
								// join.
								if (event.key !== "Enter" || isComposing(event)) return;
								event.preventDefault();
								event.currentTarget.blur();
							}}
						/>
					</label>
					<label class="check">
						<input
							type="checkbox"
							checked={videoOnly.value}
							aria-describedby={videoOnly.value ? "video-only-more" : undefined}
							onChange={(event) => chooseVideoOnly(event.currentTarget.checked)}
						/>
						<span>{t("video_only")}</span>
					</label>
					{videoOnly.value && (
						<p class="hint" id="video-only-more">
							{t("video_only_more")}
						</p>
					)}
					<Asked />
					<Button kind="primary" large submit busy={joining.value}>
						{elsewhere.value ? t("move_here") : t("join")}
					</Button>
					<p class="privacy">
						{t(videoOnly.value ? "shared_video_only" : "shared", { agent })} {look.value && keptWords(look.value)}{" "}
						{t("may_locate")}
					</p>
				</form>
			</div>
		</main>
	);
}

function Preview() {
	const stream = devices.camera.value;
	const asking = devices.asking.value;
	const section = useRef<HTMLElement>(null);
	const shown = stream !== null;
	// The tapped button is gone, so the preview takes the focus.
	useLayoutEffect(() => {
		if (shown && document.activeElement === document.body) section.current?.focus({ preventScroll: true });
	}, [shown]);
	return (
		<section class="preview" ref={section} tabIndex={-1} aria-label={t("preview")}>
			{stream === null ? (
				<div class="preview-off">
					<CameraIcon />
					<p role="status">{t(asking === null ? "preview_hint" : `ask_${asking}`)}</p>
					<Button icon={CameraIcon} disabled={asking !== null} onClick={() => void showCamera()}>
						{t("show_camera")}
					</Button>
				</div>
			) : (
				<>
					<LocalVideo stream={stream} label={t("own_picture")} onElement={devices.shows} />
					{devices.microphone.value !== null && !videoOnly.value && <Level level={devices.level} />}
				</>
			)}
		</section>
	);
}

/** What the browser asks for, what joining waits for, or that the microphone is not available. */
function Asked() {
	const asking = devices.asking.value;
	return (
		<>
			<div class="passing" role="status">
				{asking !== null && devices.camera.value !== null && <p>{t(`ask_${asking}`)}</p>}
				<Joining />
			</div>
			<div class="asked" role="status">
				<SocketBlocked />
				{asking === null && devices.microphoneTrouble.value !== null && !videoOnly.value && (
					<p class="hint warn">
						<WarningIcon />
						<span>{t("microphone_trouble")}</span>
					</p>
				)}
			</div>
		</>
	);
}
