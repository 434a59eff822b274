// The icons both pages use: 24 px, two-pixel strokes, drawn for this project.

import type { JSX } from "preact";

export type Icon = () => JSX.Element;

export const icon = (path: string): Icon => () => (
	<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
		<path d={path} />
	</svg>
);

export const CameraIcon = /* @__PURE__ */ icon("M4 6.5h9.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.5 11 22 7.5v9L15.5 13");
export const CameraOffIcon = /* @__PURE__ */ icon("M9 6.5h4.5a2 2 0 0 1 2 2V11L22 7.5v9l-3-1.600M15.5 15.5a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.5-1.900M3 3l18 18");
export const MicrophoneIcon = /* @__PURE__ */ icon("M12 2.5a3 3 0 0 1 3 3v6a3 3 0 0 1-6 0v-6a3 3 0 0 1 3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v4M8.5 21.5h7");
export const MicrophoneOffIcon = /* @__PURE__ */ icon("M9 9v2.5a3 3 0 0 0 4.600 2.5M15 11V5.5a3 3 0 0 0-5.800-1M5.5 11a6.5 6.5 0 0 0 10.400 5.200M18.5 11a6.5 6.5 0 0 1-.6 2.700M12 17.5v4M8.5 21.5h7M3 3l18 18");
export const FlipIcon = /* @__PURE__ */ icon("M4 11a8 8 0 0 1 13.700-5.200L20 8M20 3.5V8h-4.5M20 13a8 8 0 0 1-13.700 5.200L4 16M4 20.5V16h4.5");
export const HangUpIcon = /* @__PURE__ */ icon("M3 13.5c0-1 .3-1.800 1-2.400C6.200 9.400 9 8.5 12 8.5s5.800.9 8 2.600c.7.6 1 1.400 1 2.400v1.200a1.300 1.300 0 0 1-1.600 1.300l-3.200-.7a1.300 1.300 0 0 1-1-1.300v-1.600a11 11 0 0 0-6.400 0V14a1.300 1.300 0 0 1-1 1.300l-3.200.7A1.300 1.300 0 0 1 3 14.700z");
export const ChatIcon = /* @__PURE__ */ icon("M5 4.5h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7.5L7 21.5v-4H5a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2zM8 9.5h8M8 13h5");
export const SendIcon = /* @__PURE__ */ icon("M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z");
export const CloseIcon = /* @__PURE__ */ icon("M6 6l12 12M18 6 6 18");
export const CheckIcon = /* @__PURE__ */ icon("M5 12.5l4.5 4.5L19 7.5");
export const WarningIcon = /* @__PURE__ */ icon("M12 4 2.5 20h19zM12 10.5v4M12 17.200v.1");
export const CopyIcon = /* @__PURE__ */ icon("M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM16 9V4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3");
export const SoundIcon = /* @__PURE__ */ icon("M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11");
export const ClockIcon = /* @__PURE__ */ icon("M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7.5V12l3 2");
