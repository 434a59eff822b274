import "../files";
import "../ui/base.css";
import "../ui/call.css";
import "./agent.css";
import "./dialogs.css";
import "./head.css";
import "../i18n/en-help";
import "../i18n/en-live";
import { render } from "preact";
import { graphemes } from "../link/server/text";
import { refuseDrops } from "../ui/drops";
import { days, setValues } from "../i18n";
import { renderInTurn } from "../ui/rendering";
import { keepWords } from "../ui/translated";
import { colourBar } from "./look/scheme";
import { apart } from "./apart";
import { warm } from "../ui/warm";
import { App } from "./App";
import { boot, followRoute } from "./console";
import { followBlur } from "./devices/blur";
import { followChosen } from "./devices/chosen";
import { listen } from "./embed/listen";
import { EMBEDDED } from "./entrance";
import { speakChosen } from "./speech";

const LANGUAGE_LATE_MS = 2_000;

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no place for the app");

colourBar();
setValues(apart);
renderInTurn();
keepWords(root);
refuseDrops();
followRoute();
followChosen();
followBlur();
if (EMBEDDED) listen();
else void boot();
// The page begins in its language, unless that is slow to come.
const late = new Promise((resolve) => setTimeout(resolve, LANGUAGE_LATE_MS));
void Promise.race([speakChosen(), late]).then(() =>
	warm(
		() => render(<App />, root),
		() => days(1),
		() => graphemes(""),
	),
);
