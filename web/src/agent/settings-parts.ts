// Parts of Settings that load when it opens.

export { ArrivalSettings } from "./arrival/ArrivalSettings";
export { BlurSettings } from "./devices/BlurSettings";
export { SpeakerTest } from "./devices/SpeakerTest";
export { LanguageSettings } from "./LanguageSettings";
export { LineSettings } from "./lines/LineSettings";
export { KeySettings } from "./shortcuts/KeySettings";
export { LookSettings } from "./look/LookSettings";
