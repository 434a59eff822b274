// Light or dark, as the system says or as the agent chose. `first.ts` applies what is remembered.

import { type Signal, signal } from "@preact/signals";
import { browser } from "../../ui/remember";

export const SCHEMES = ["system", "light", "dark"] as const;
export type Scheme = (typeof SCHEMES)[number];

const page = document.documentElement.dataset;

export const scheme: Signal<Scheme> = signal(SCHEMES.find((one) => one === page.scheme) ?? "system");

export function choose(next: Scheme): void {
	scheme.value = next;
	browser.remember("scheme", next);
	if (next === "system") delete page.scheme;
	else page.scheme = next;
	colourBar();
}

/** Gives the browser's own bar the colour of the page. */
export function colourBar(): void {
	for (const one of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
		one.dataset.of ??= one.media.includes("dark") ? "dark" : "light";
		one.media = condition(one.dataset.of);
	}
}

/** When the colour of a scheme holds. */
function condition(of: string): string {
	const chosen = scheme.peek();
	if (chosen === "system") return `(prefers-color-scheme: ${of})`;
	return chosen === of ? "all" : "not all";
}
