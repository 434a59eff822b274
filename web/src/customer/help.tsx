// The screens around a call: help with a trouble, an unusable link, the end. They load beside the
// lobby.

import "../i18n/en-help";

export { AroundTheCall } from "./AroundTheCall";
export { Blocked } from "./Blocked";
