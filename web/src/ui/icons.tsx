// Icons of both pages: 24 px, two-pixel strokes, drawn for this project. Those that the lobby does
// not show are in `call-icons.tsx`.

import type { JSX } from "preact";

export type Icon = () => JSX.Element;

/** `points`: it points back or on, so that right-to-left pages mirror it. */
export const icon =
	(path: string, points = false): Icon =>
	() => (
		<svg class={points ? "icon points" : "icon"} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d={path} />
		</svg>
	);

export const CameraIcon = /* @__PURE__ */ icon(
	"M4 6.5h9.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.5 11 22 7.5v9L15.5 13",
);
export const MicrophoneIcon = /* @__PURE__ */ icon(
	"M12 2.5a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0v-6a3 3 0 0 1 3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v4M8.5 21.5h7",
);
export const CloseIcon = /* @__PURE__ */ icon("M6 6l12 12M18 6 6 18");
export const CheckIcon = /* @__PURE__ */ icon("M5 12.5l4.5 4.5L19 7.5");
export const WarningIcon = /* @__PURE__ */ icon("M12 4 2.5 20h19zM12 10.5v4M12 17.200v.1");
