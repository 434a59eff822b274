// The screens that help with a trouble. They load beside the lobby, since few people need them.

import "../i18n/en-help";

export { Blocked } from "./Blocked";
export { InApp } from "./InApp";
export { NoCookies } from "./NoCookies";
export { Trouble } from "./Trouble";
