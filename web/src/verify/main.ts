// The page that checks case files: no sign-in, nothing uploaded.

import "./verify.css";
import { isolated } from "../i18n/plain";
import { reportedLanguages } from "../i18n/reported";
import { type Jwk, keysOf } from "./jws";
import { type Verdict, verify } from "./verify";
import { chosen, filled, RIGHT_TO_LEFT } from "./words";

const [language, words] = chosen(reportedLanguages());
const rtl = RIGHT_TO_LEFT.has(language);
const result = make("section", { id: "result", role: "status", tabIndex: -1 });

/** The newest file counts: checking an older one may take longer. */
let newest = 0;

function show(): void {
	const root = document.getElementById("app");
	if (root === null) throw new Error("the page has no place for the app");
	document.documentElement.lang = language;
	document.documentElement.dir = rtl ? "rtl" : "ltr";
	document.title = words.heading;
	const input = make("input", { type: "file", accept: ".zip,application/zip", hidden: true, tabIndex: -1 });
	const button = make("button", { type: "button", textContent: words.choose });
	button.addEventListener("click", () => input.click());
	input.addEventListener("change", () => {
		const file = input.files?.[0];
		if (file !== undefined) void check(file);
		// The same file may be chosen again.
		input.value = "";
	});
	root.append(
		make("h1", { textContent: words.heading }),
		make("p", { textContent: words.what }),
		make("p", { textContent: words.private }),
		button,
		input,
		make("p", { textContent: words.drop, className: "drop" }),
		result,
	);
	addEventListener("dragover", (event) => event.preventDefault());
	addEventListener("drop", (event) => {
		event.preventDefault();
		const file = event.dataTransfer?.files[0];
		if (file !== undefined) void check(file);
	});
}

async function check(file: File): Promise<void> {
	newest += 1;
	const mine = newest;
	say("busy", words.checking, []);
	const said = await checked(file);
	if (mine !== newest) return;
	say(...said);
	result.focus();
}

type Said = [kind: "busy" | "good" | "unknown" | "bad", heading: string, lines: readonly string[]];

async function checked(file: File): Promise<Said> {
	// Browsers have it on secure pages only.
	if (globalThis.crypto?.subtle === undefined) return ["unknown", words.no_crypto, []];
	const keys = await fetched();
	if (keys === null) return ["unknown", words.no_keys, []];
	try {
		return told(await verify(file, keys));
	} catch {
		return ["unknown", words.unreadable, []];
	}
}

function told(verdict: Verdict): Said {
	if (verdict.is === "changed") {
		const lines = verdict.findings.map(({ code, name }) =>
			filled(words[code], name === undefined ? {} : { name: isolated(name, rtl) }),
		);
		return ["bad", words.changed_heading, lines];
	}
	const { deployment, business, made } = verdict.origin;
	const origin = {
		deployment: isolated(deployment, rtl),
		business: isolated(business, rtl),
		made: isolated(made, rtl),
	};
	if (verdict.is === "unchanged") return ["good", words.unchanged, [filled(words.by, origin)]];
	const heading = filled(words.unknown_key, { fingerprint: isolated(verdict.fingerprint, rtl) });
	return ["unknown", heading, [filled(words.says, origin)]];
}

/** Returns the keys of this deployment, or null when they cannot be fetched. */
async function fetched(): Promise<Jwk[] | null> {
	try {
		const answer = await fetch("/.well-known/jwks.json", { cache: "no-cache" });
		return answer.ok ? keysOf(await answer.json()) : null;
	} catch {
		return null;
	}
}

function say(kind: Said[0], heading: string, lines: readonly string[]): void {
	result.className = kind;
	const list = make("ul", {});
	list.append(...lines.map((textContent) => make("li", { textContent })));
	result.replaceChildren(make("h2", { textContent: heading }), ...(lines.length === 0 ? [] : [list]));
}

function make<Tag extends keyof HTMLElementTagNameMap>(
	tag: Tag,
	properties: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] {
	return Object.assign(document.createElement(tag), properties);
}

show();
