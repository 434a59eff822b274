import { icon } from "../ui/icons";

export const SettingsIcon = icon("M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5");
export const SignOutIcon = icon("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9", true);
export const ListIcon = icon("M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01", true);
export const KeyIcon = icon("M8 11a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM11 12l9-9M16 7l3 3M13.500 9.500l2 2");
export const PlusIcon = icon("M12 5v14M5 12h14");
export const QrIcon = icon("M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v6h-3.5M14 20h.01");
export const RefreshIcon = icon("M20 12a8 8 0 1 1-2.3-5.7L20 8.5M20 4v4.5h-4.5");
export const TorchIcon = icon("M8 3h8v4l-2 3v10.500h-4V10L8 7zM8 6.500h8M12 13v2");
export const TorchOffIcon = icon("M8.500 3H16v4l-2 3v1M14 17v3.500h-4V11M12 6.500h4M3 3l18 18");
export const PlaceIcon = icon(
	"M12 21.500c-4-4.500-6.500-8-6.500-11.500a6.500 6.500 0 0 1 13 0c0 3.500-2.500 7-6.500 11.500zM12 7.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
);
export const EyeIcon = icon(
	"M2.5 12C4.8 7.8 8 5.8 12 5.8s7.2 2 9.5 6.2c-2.3 4.2-5.5 6.2-9.5 6.2S4.8 16.2 2.5 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z",
);
export const PenIcon = icon(
	"M4 20l1.2-4.700L16.500 4a1.800 1.800 0 0 1 2.500 0l1 1a1.800 1.800 0 0 1 0 2.500L8.700 18.800zM14.500 6l3.500 3.500",
);
export const ArrowIcon = icon("M5 19 19 5M9.500 5H19v9.500");
export const CircleIcon = icon("M12 4.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15z");
export const BoxIcon = icon("M4.500 6h15v12h-15z");
export const TextIcon = icon("M5 7V4.500h14V7M12 4.500v15M9 19.500h6");
export const StepIcon = icon("M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM10 9l2.300-1.500V16.500M10 16.500h4.600");
export const PointerIcon = icon("M5 4l6 15 2.200-6.300L19.500 10.500zM13.500 13.500l5 5");
export const ZoomInIcon = icon(
	"M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500 21 21M7.500 10.500h6M10.500 7.500v6",
);
export const ZoomOutIcon = icon(
	"M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500 21 21M7.500 10.500h6",
);
export const ClearIcon = icon(
	"M9 19.500 3.500 14a1.500 1.500 0 0 1 0-2.100l8-8a1.500 1.500 0 0 1 2.100 0l6 6a1.500 1.500 0 0 1 0 2.100L12 19.500zM8 8l7.500 7.500M7 19.500h13",
);
