// The agent's requests and deeds, as the log tells them to a page.

import { expect, test } from "vitest";
import { guestLine, wishesOf } from "../src/agent/detail/guest-line";
import { mapOf } from "../src/agent/guest/map";
import { changeGuest, type GuestView, isOpen, UNTOUCHED } from "../src/session/guest";
import type { Event, GuestAnswer } from "../src/wire/generated";

type Kind = Event extends infer E ? (E extends Event ? Omit<E, "seq" | "at_ms"> : never) : never;

/** Numbered from 1, a second apart. */
function logOf(...kinds: Kind[]): Event[] {
	return kinds.map((kind, at) => ({ seq: at + 1, at_ms: 1_000 * (at + 1), ...kind }) as Event);
}

const folded = (...kinds: Kind[]): GuestView => logOf(...kinds).reduce(changeGuest, UNTOUCHED);

const asked: Kind = { type: "guest_asked", wish: "location" };
const answer = (said: GuestAnswer, to = 1): Kind => ({ type: "guest_answered", asked: to, answer: said });
const place = { latitude_e5: 5_252_000, longitude_e5: -1_340_495, accuracy_m: 14 };
const located: Kind = { type: "located", asked: 1, place };

test("a request is open until it is answered, and its time begins again once it is allowed", () => {
	const open = folded(asked).request;
	expect(open).toEqual({ id: 1, wish: "location", since_ms: 1_000, answer: null });
	const allowed = folded(asked, answer("allowed")).request;
	expect(allowed).toEqual({ id: 1, wish: "location", since_ms: 2_000, answer: "allowed" });
	expect([open, allowed].map((one) => one !== null && isOpen(one))).toEqual([true, true]);
	const closed = folded(asked, answer("not_now"), answer("done"));
	expect(closed.request?.answer).toBe("not_now");
	expect(folded(asked, answer("denied", 7)).request?.answer).toBeNull();
});

test("a place closes its request", () => {
	const view = folded(asked, answer("allowed"), located);
	expect(view.request?.answer).toBe("done");
	expect(view.place).toEqual({ ...place, at_ms: 3_000 });
});

test.each([
	["left", { type: "left", seat: "customer" }, "gone"],
	["was lost", { type: "lost", seat: "customer" }, "gone"],
	["moved", { type: "moved", seat: "customer", video_only: false }, "gone"],
	["lost the link", { type: "links_renewed" }, "gone"],
	["was there while the agent left", { type: "left", seat: "agent" }, null],
] as const)("of a customer who %s", (_, kind, said) => {
	expect(folded(asked, kind).request?.answer).toBe(said);
	expect(folded(asked, answer("not_now"), kind).request?.answer).toBe("not_now");
});

test("what was done before the customer's page took its seat is older than that", () => {
	const view = folded(
		{ type: "guest_switched_off", device: "camera" },
		{ type: "moved", seat: "customer", video_only: false },
		{ type: "guest_switched_off", device: "microphone" },
		{ type: "guest_zoomed", zoom: 250 },
	);
	expect(view).toMatchObject({ off: { camera: 1, microphone: 3 }, zoomed: { seq: 4, zoom: 250 }, since: 2 });
});

test("the timeline says what was asked and how it ended, and no place", () => {
	const events = logOf(asked, answer("allowed"), located, { type: "guest_asked", wish: "flip" }, answer("busy", 4), {
		type: "guest_zoomed",
		zoom: 1,
	});
	const wishes = wishesOf(events);
	const lines = events.map((event) => guestLine(event, "Ada", wishes));
	expect(lines.map((line) => line === null)).toEqual([false, true, false, false, false, true]);
	expect(lines.join(" ")).not.toMatch(/52|13/);
});

test("the map is the deployment's, and no address of another kind is a link", () => {
	const map = mapOf("https://maps.example/?q={lat},{lon}", "52.52000", "-13.40495");
	expect([map?.href, map?.host]).toEqual(["https://maps.example/?q=52.52000,-13.40495", "maps.example"]);
	for (const no of ["", "{lat},{lon}", "http://maps.example/{lat}/{lon}", "javascript:alert('{lat}')"]) {
		expect(mapOf(no, "1.00000", "2.00000")).toBeNull();
	}
});
