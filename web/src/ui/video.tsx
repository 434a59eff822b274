import { useLayoutEffect, useRef } from "preact/hooks";
import { plain } from "../i18n/plain";
import { graphemes } from "../link/server/text";
import type { Player } from "./player";

interface LocalProps {
	stream: MediaStream;
	label: string;
	/** Receives the element when it is mounted, and null afterwards. */
	onElement?: (video: HTMLVideoElement | null) => void;
}

/** This person's own video, muted and not mirrored. */
export function LocalVideo({ stream, label, onElement }: LocalProps) {
	const video = useRef<HTMLVideoElement>(null);
	useLayoutEffect(() => {
		onElement?.(video.current);
		return () => onElement?.(null);
	}, []);
	useLayoutEffect(() => {
		const element = video.current;
		if (element === null) return;
		element.muted = true;
		if (element.srcObject !== stream) element.srcObject = stream;
		element.play().catch(() => undefined);
	}, [stream]);
	return <video ref={video} class="picture" muted playsInline autoplay aria-label={label} />;
}

/** The other person's video, or their initials without one. The sound plays in both cases. */
export function RemoteVideo({ player, name, shown }: { player: Player; name: string; shown: boolean }) {
	const host = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		player.element.className = "picture";
		host.current?.prepend(player.element);
		player.resume();
		return () => player.element.remove();
	}, [player]);
	useLayoutEffect(() => player.element.setAttribute("aria-label", name), [player, name]);
	return (
		<div class="remote" ref={host}>
			{!shown && (
				<div class="initials" aria-hidden="true">
					<span>{initials(name)}</span>
				</div>
			)}
		</div>
	);
}

/** First letters of the first and the last word. */
export function initials(name: string): string {
	const parts = plain(name).trim().split(/\s+/);
	const first = graphemes(parts[0] ?? "")[0] ?? "?";
	const last = parts.length > 1 ? (graphemes(parts.at(-1) ?? "")[0] ?? "") : "";
	return (first + last).toLocaleUpperCase();
}
