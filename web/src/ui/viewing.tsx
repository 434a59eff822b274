// The picture of the chat that is shown full screen. The viewer itself is loaded when the call
// runs.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../link/call";
import type { SentView } from "../session/view";
import { later } from "./later";

/** `call`: whose chat it is in; no other call shows it. */
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
