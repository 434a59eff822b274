import "../files";
import "../ui/base.css";
import "./customer.css";
import { render } from "preact";
import { days } from "../i18n";
import { graphemes } from "../link/server/text";
import { renderInTurn } from "../ui/rendering";
import { keepWords } from "../ui/translated";
import { warm } from "../ui/warm";
import { App } from "./App";
import { awaitGrants, boot, enter } from "./page";
import { reportLobby } from "./report";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no place for the app");

renderInTurn();
keepWords(root);
reportLobby();
awaitGrants();
void boot();
void warm(
	() => render(<App />, root),
	() => days(1),
	() => graphemes(""),
);

// The first tap or key enters. Preview bots open links, so nothing changes before it.
for (const kind of ["pointerdown", "keydown"]) {
	document.addEventListener(kind, () => void enter(), { capture: true, passive: true });
}

// Another link opened in the same tab changes only the fragment.
addEventListener("hashchange", () => location.reload());
