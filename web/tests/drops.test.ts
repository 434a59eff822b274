import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refuseDrops } from "../src/ui/drops";

class Place extends EventTarget {
	readonly #field: boolean;
	constructor(field: boolean) {
		super();
		this.#field = field;
	}
	closest(): Place | null {
		return this.#field ? this : null;
	}
}

const page = new EventTarget();

beforeEach(() => {
	vi.stubGlobal("Element", Place);
	vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
});
afterEach(() => vi.unstubAllGlobals());

/** Drops something and returns whether the browser would do what it does by itself. */
function isOpened(types: string[], on: Place, kind = "drop"): boolean {
	const event = Object.assign(new Event(kind, { cancelable: true }), { dataTransfer: { types, dropEffect: "copy" } });
	Object.defineProperty(event, "target", { value: on });
	page.dispatchEvent(event);
	return !event.defaultPrevented;
}

test("a dropped file or link does not take the place of the page; text goes into fields", () => {
	refuseDrops();
	const [elsewhere, field] = [new Place(false), new Place(true)];
	for (const kind of ["dragover", "drop"]) {
		expect(isOpened(["Files"], elsewhere, kind)).toBe(false);
		expect(isOpened(["Files", "text/plain"], field, kind)).toBe(false);
		expect(isOpened(["text/uri-list", "text/plain"], elsewhere, kind)).toBe(false);
		expect(isOpened(["text/plain"], field, kind)).toBe(true);
	}
});
