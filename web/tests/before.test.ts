// Every event that the version before sent to its pages folds into a view.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apply, EMPTY } from "../src/session/fold";
import { OrderedLog } from "../src/session/log";
import type { Event, ToPage } from "../src/wire/generated";

const TALK = new URL("../../tests/before/talk/", import.meta.url);
const pages = readdirSync(TALK).filter((name) => name !== "http.jsonl" && name !== "relay.jsonl");

function sent(name: string): ToPage[] {
	const lines = readFileSync(new URL(name, TALK), "utf8").trim().split("\n");
	const rows = lines.map((line) => JSON.parse(line) as { from: string; text: string });
	return rows.filter(({ from }) => from === "host").map(({ text }) => JSON.parse(text) as ToPage);
}

/** Events in order, by session: a browser's page may have seen several. */
function logs(name: string): Map<string, Event[]> {
	const bySession = new Map<string, { log: OrderedLog; events: Event[] }>();
	for (const message of sent(name)) {
		if (message.topic !== "session" || message.type !== "events") continue;
		const session = message.session ?? "";
		const found = bySession.get(session) ?? { log: new OrderedLog(), events: [] };
		found.events.push(...found.log.push(message.events, 0));
		bySession.set(session, found);
	}
	return new Map([...bySession].map(([session, { events }]) => [session, events]));
}

test("there are pages of both seats", () => {
	expect(pages.length).toBeGreaterThan(5);
});

test.each(pages)("%s: every event changes the view", (name) => {
	for (const events of logs(name).values()) {
		let view = EMPTY;
		for (const event of events) {
			const next = apply(view, event);
			expect(next, JSON.stringify(event)).not.toBeNull();
			view = next ?? view;
		}
	}
});
