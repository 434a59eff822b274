// Icons of both pages that the lobby does not need. Drawn like those of `icons.tsx`.

import { icon } from "./icons";

export const CameraOffIcon = /* @__PURE__ */ icon(
	"M9 6.5h4.5a2 2 0 0 1 2 2V11L22 7.5v9l-3-1.600M15.5 15.5a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.5-1.900M3 3l18 18",
);
export const MicrophoneOffIcon = /* @__PURE__ */ icon(
	"M9 9v2.5a3 3 0 0 0 4.600 2.5M15 11V5.5a3 3 0 0 0-5.800-1M5.5 11a6.5 6.5 0 0 0 10.400 5.200M18.5 11a6.5 6.5 0 0 1-.6 2.700M12 17.5v4M8.5 21.5h7M3 3l18 18",
);
export const FlipIcon = /* @__PURE__ */ icon(
	"M4 11a8 8 0 0 1 13.700-5.200L20 8M20 3.5V8h-4.5M20 13a8 8 0 0 1-13.700 5.200L4 16M4 20.5V16h4.5",
);
export const LensIcon = /* @__PURE__ */ icon("M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z");
export const HangUpIcon = /* @__PURE__ */ icon(
	"M3 13.5c0-1 .3-1.800 1-2.400C6.200 9.400 9 8.5 12 8.5s5.800.9 8 2.600c.7.6 1 1.400 1 2.400v1.200a1.300 1.300 0 0 1-1.600 1.300l-3.200-.7a1.300 1.300 0 0 1-1-1.300v-1.600a11 11 0 0 0-6.400 0V14a1.300 1.300 0 0 1-1 1.300l-3.200.7A1.300 1.300 0 0 1 3 14.700z",
);
export const ChatIcon = /* @__PURE__ */ icon(
	"M5 4.5h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7.5L7 21.5v-4H5a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2zM8 9.5h8M8 13h5",
);
export const SendIcon = /* @__PURE__ */ icon("M21 3 10.5 13.5M21 3l-6.5 18-4-7.5L3 9.5z", true);
export const CopyIcon = /* @__PURE__ */ icon(
	"M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM16 9V4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3",
);
export const SoundIcon = /* @__PURE__ */ icon(
	"M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
	true,
);
export const ClockIcon = /* @__PURE__ */ icon("M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7.5V12l3 2");
export const BinIcon = /* @__PURE__ */ icon("M4 6.5h16M9.5 6.5V4h5v2.5M6 6.5 7 20.5h10L18 6.5M10 10.5v6M14 10.5v6");
export const UndoIcon = /* @__PURE__ */ icon("M8.5 4.5 4 9l4.500 4.500M4 9h10a5.500 5.500 0 0 1 0 11H9", true);
export const UndoAllIcon = /* @__PURE__ */ icon(
	"M12.500 4.500 8 9l4.500 4.500M7.500 4.500 3 9l4.500 4.500M8 9h7.500a5.500 5.500 0 0 1 0 11H10",
	true,
);
export const RedoIcon = /* @__PURE__ */ icon("M15.500 4.500 20 9l-4.500 4.500M20 9H10a5.500 5.500 0 0 0 0 11h5", true);
export const BackIcon = /* @__PURE__ */ icon("M14.500 5 8 12l6.500 7", true);
export const WholeIcon = /* @__PURE__ */ icon("M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5");
export const SaveIcon = /* @__PURE__ */ icon("M12 3.500v11.500M7 10.500l5 5 5-5M4.500 20.500h15");
export const ShutterIcon = /* @__PURE__ */ icon(
	"M4 8h3.500L9 5.500h6L16.500 8H20a1.500 1.500 0 0 1 1.500 1.500V18a1.500 1.500 0 0 1-1.500 1.500H4A1.500 1.500 0 0 1 2.500 18V9.500A1.500 1.500 0 0 1 4 8zM12 9.800a3.700 3.700 0 1 1 0 7.400 3.700 3.700 0 0 1 0-7.400z",
);
