import "../i18n/en-call";
import "./strip.css";
import { t } from "../i18n";
import type { Call } from "../link/call";
import type { PictureView } from "../session/view";
import { markOwn, forgetOwn } from "../ui/picture-notices";
import { useLoaded } from "../ui/loaded";
import { refusalWords } from "../ui/refusals";
import { note, toast } from "../ui/toasts";
import { hourMinute } from "./times";
import { w } from "./words";

/** The session's pictures. A click opens one for both. */
export function Strip({ call }: { call: Call }) {
	const { pictures, board } = call.view.value;
	// Includes the open picture from the start: a strip that appears later would move the picture
	// under the drawing hand.
	const shown = pictures.filter(({ id, base }) => base !== null || id === board);
	if (shown.length === 0) return null;
	return (
		<ul class="strip" aria-label={w("pictures")}>
			{shown.map((picture, at) => (
				<li key={picture.id}>
					<Shown call={call} picture={picture} place={at + 1} />
				</li>
			))}
		</ul>
	);
}

function Shown({ call, picture, place }: { call: Call; picture: PictureView; place: number }) {
	const { url } = useLoaded(call, picture.base === null ? null : { of: "base", picture: picture.id });
	const open = call.view.value.board === picture.id;
	const show = async (): Promise<void> => {
		if (open) return note(w("picture_open"));
		markOwn(call, "open", picture.id);
		const before = call.view.peek().board;
		if (before !== null) markOwn(call, "close", before);
		const refusal = await call.shared.open(picture.id);
		if (refusal === null) return;
		forgetOwn(call, "open", picture.id);
		if (before !== null) forgetOwn(call, "close", before);
		toast(refusalWords(refusal));
	};
	return (
		<button
			type="button"
			aria-label={w("open_screenshot", { n: place })}
			aria-current={open ? "true" : undefined}
			title={hourMinute(picture.at_ms)}
			aria-description={picture.base?.low_resolution ? t("picture_low") : undefined}
			onClick={() => void show()}
		>
			{url === null ? (
				<span aria-hidden="true">{place}</span>
			) : (
				<img src={url} alt="" decoding="async" draggable={false} />
			)}
		</button>
	);
}
