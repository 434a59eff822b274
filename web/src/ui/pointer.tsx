import "../i18n/en-call";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { contain, cover, type Spot, toSpot } from "../ink/geometry";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { graphemes } from "../link/server/text";
import { initials } from "./video";

/** The agent's pointer: a dot in the colour of their ink, with the first letter of their name. */
export function PointerDot({ spot, name }: { spot: Spot; name: string }) {
	return (
		<div
			class="pointer"
			role="img"
			aria-label={t("pointer_of", { name })}
			style={{ transform: `translate(${spot.x}px, ${spot.y}px)` }}
		>
			<i />
			<span>{graphemes(initials(name))[0]}</span>
		</div>
	);
}

/** The pointer over live video, also when the element crops it. */
export function LivePointer({ call, video, name }: { call: Call; video: HTMLVideoElement | null; name: string }) {
	const moved = useSignal(0);
	useEffect(() => {
		if (video === null) return;
		const again = (): void => {
			moved.value += 1;
		};
		const observer = new ResizeObserver(again);
		observer.observe(video);
		video.addEventListener("resize", again);
		return () => {
			observer.disconnect();
			video.removeEventListener("resize", again);
		};
	}, [video]);
	const spot = useComputed(() => {
		void moved.value;
		const pointer = call.shared.pointer.value;
		if (pointer === null || pointer.picture !== null || video === null || video.videoWidth === 0) return null;
		return toSpot(placementOf(video), { width: video.videoWidth, height: video.videoHeight }, pointer.at);
	});
	return spot.value === null ? null : <PointerDot spot={spot.value} name={name} />;
}

/** Where the video lies in its element. */
export function placementOf(video: HTMLVideoElement) {
	const picture = { width: video.videoWidth, height: video.videoHeight };
	const box = { width: video.clientWidth, height: video.clientHeight };
	return getComputedStyle(video).objectFit === "cover" ? cover(picture, box) : contain(picture, box);
}
