import "../files";
import "../ui/base.css";
import "./customer.css";
import { render } from "preact";
import { keepWords } from "../ui/translated";
import { App } from "./App";
import { awaitGrants, boot, enter } from "./page";
import { reportLobby } from "./report";

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no place for the app");

keepWords(root);
render(<App />, root);
reportLobby();
awaitGrants();
void boot();

// The first tap or key enters. Preview bots open links, so nothing changes before it.
for (const kind of ["pointerdown", "keydown"]) {
	document.addEventListener(kind, () => void enter(), { capture: true, passive: true });
}

// Another link opened in the same tab changes only the fragment.
addEventListener("hashchange", () => location.reload());
