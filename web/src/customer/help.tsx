// The screens around a call: help with a trouble, a code instead of a
// link, an unusable link, the end. They load beside the
// lobby.

import "../i18n/en-help";
import { refuseDrops } from "../ui/drops";

export { AroundTheCall } from "./AroundTheCall";
export { Blocked } from "./Blocked";

// It loads before any call, so here it costs the first page nothing.
refuseDrops();
