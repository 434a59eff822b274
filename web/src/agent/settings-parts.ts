// Parts of Settings that load when it opens.

export { ArrivalSettings } from "./arrival/ArrivalSettings";
export { LanguageSettings } from "./LanguageSettings";
export { LookSettings } from "./look/LookSettings";
export { KeySettings } from "./shortcuts/KeySettings";
