// Parts of Settings that load when it opens.

export { ArrivalSettings } from "./arrival/ArrivalSettings";
export { KeySettings } from "./shortcuts/KeySettings";
