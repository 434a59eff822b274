import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import type { SentView } from "../../session/view";
import { Button } from "../buttons";
import { useLoaded } from "../loaded";
import { viewing } from "../viewing";

interface SentProps {
	call: Call;
	sent: SentView;
	at_ms: number;
	/** Who sent it and when. */
	description: string;
}

/** A picture in the chat. Its box has the final size before the picture is loaded. */
export function Sent({ call, sent, at_ms, description }: SentProps) {
	const box = useRef<HTMLDivElement>(null);
	const near = useSignal(false);
	useEffect(() => {
		const element = box.current;
		if (element === null) return;
		const watcher = new IntersectionObserver(
			(seen) => {
				if (seen.some(({ isIntersecting }) => isIntersecting)) near.value = true;
			},
			{ rootMargin: "300px" },
		);
		watcher.observe(element);
		return () => watcher.disconnect();
	}, []);
	const { url, failed, again } = useLoaded(
		call,
		near.value ? { of: "sent", picture: sent.picture, through: sent.through } : null,
	);
	return (
		<div class="sent" ref={box} style={{ "--ratio": String(sent.width / sent.height) }}>
			<button
				type="button"
				class="thumb"
				aria-label={t("open_picture")}
				aria-description={description}
				onClick={() => (viewing.value = { call, sent, at_ms })}
			>
				{url !== null && <img src={url} alt="" decoding="async" draggable={false} />}
			</button>
			{failed && (
				<div class="sent-failed">
					<p>{t("picture_unloadable")}</p>
					<Button onClick={again}>{t("try_again")}</Button>
				</div>
			)}
		</div>
	);
}
