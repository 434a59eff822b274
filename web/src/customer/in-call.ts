// The call's screen. It loads once the lobby is drawn, before anything else.

import "../i18n/en-live";
import "./in-call.css";

export { CallScreen } from "./CallScreen";
