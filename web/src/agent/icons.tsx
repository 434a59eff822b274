import { icon } from "../ui/icons";

export const SettingsIcon = icon("M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5");
export const SignOutIcon = icon("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4M15 8l4 4-4 4M19 12H9");
export const ListIcon = icon("M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01");
export const PlusIcon = icon("M12 5v14M5 12h14");
export const QrIcon = icon("M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v6h-3.5M14 20h.01");
export const RefreshIcon = icon("M20 12a8 8 0 1 1-2.3-5.7L20 8.5M20 4v4.5h-4.5");
export const EyeIcon = icon("M2.5 12C4.8 7.8 8 5.8 12 5.8s7.2 2 9.5 6.2c-2.3 4.2-5.5 6.2-9.5 6.2S4.8 16.2 2.5 12zM12 9.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6z");
