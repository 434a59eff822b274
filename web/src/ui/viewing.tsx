// Which picture of the chat is shown in full screen. The viewer itself loads during the call.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../link/call";
import type { SentView } from "../session/view";
import { later } from "./later";

/** `call`: the call whose chat contains it; no other call shows it. */
export const viewing = signal<{ call: Call; sent: SentView; at_ms: number } | null>(null);

const viewer = later(() => import("./viewer").then(({ Viewer }) => Viewer));

export const preloadViewer = viewer.preload;

export function Viewing({ call }: { call: Call }) {
	const open = viewing.value?.call === call ? viewing.value : null;
	useEffect(
		() => () => {
			if (viewing.peek()?.call === call) viewing.value = null;
		},
		[call],
	);
	return open === null ? null : <Open {...open} />;
}

function Open({ call, sent, at_ms }: NonNullable<typeof viewing.value>) {
	const Viewer = viewer.use();
	if (Viewer === null) return null;
	return (
		<Viewer
			key={`${sent.picture}.${sent.through}`}
			call={call}
			sent={sent}
			at_ms={at_ms}
			onClose={() => (viewing.value = null)}
		/>
	);
}
