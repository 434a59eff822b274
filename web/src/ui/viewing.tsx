// The picture of the chat that is shown full screen. The viewer itself is loaded when the call runs.

import { signal } from "@preact/signals";
import type { Call } from "../link/call";
import type { SentView } from "../session/view";
import { later } from "./later";

export const viewing = signal<{ sent: SentView; at_ms: number } | null>(null);

const viewer = later(() => import("./viewer").then(({ Viewer }) => Viewer));

export const preloadViewer = viewer.preload;

export function Viewing({ call }: { call: Call }) {
	const Viewer = viewing.value === null ? null : viewer.use();
	if (viewing.value === null || Viewer === null) return null;
	const { sent, at_ms } = viewing.value;
	return <Viewer key={`${sent.picture}.${sent.through}`} call={call} sent={sent} at_ms={at_ms} onClose={() => (viewing.value = null)} />;
}
