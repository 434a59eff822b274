// What the agent hears and sees of a customer who comes, and of the agent's own other calls.

import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { Arrivals } from "../src/agent/arrival/arrivals";
import { shareMicrophone, speaksElsewhere } from "../src/agent/tabs";
import type { Call } from "../src/link/call";

const OUT = { ready: true, joined: false, away: false };
const HERE = { ready: true, joined: true, away: false };
const AWAY = { ready: true, joined: true, away: true };
const UNKNOWN = { ready: false, joined: true, away: false };

test.each([
	[
		"they join",
		[
			[OUT, 0],
			[HERE, 9],
		],
		[1],
	],
	[
		"they were here before the page",
		[
			[UNKNOWN, 0],
			[HERE, 1],
		],
		[],
	],
	[
		"the page opens while they are away, and they come back",
		[
			[AWAY, 0],
			[HERE, 1],
		],
		[1],
	],
	[
		"the connection is lost for a moment",
		[
			[OUT, 0],
			[HERE, 1],
			[AWAY, 5],
			[HERE, 19],
		],
		[1],
	],
	[
		"they come back after a while",
		[
			[OUT, 0],
			[HERE, 1],
			[AWAY, 5],
			[HERE, 20],
		],
		[1, 3],
	],
	[
		"nothing changes",
		[
			[OUT, 0],
			[HERE, 1],
			[HERE, 2],
			[HERE, 60],
		],
		[1],
	],
	[
		"the page's own connection comes back",
		[
			[HERE, 0],
			[UNKNOWN, 1],
			[HERE, 60],
		],
		[],
	],
] as const)("%s", (_, looks, news) => {
	const arrivals = new Arrivals();
	const came = looks.map(([seen, second]) => arrivals.look(seen, 1_000 * second));
	expect(came.flatMap((is, at) => (is ? [at] : []))).toEqual(news);
});

/** A call in a tab, with a microphone that comes on when it is asked to. */
function tab(session: string) {
	const microphone = signal<object | null>(null);
	const media = signal({ microphone: false, camera: false });
	const call = {
		session,
		joined: signal(true),
		devices: { microphone },
		media,
		setMicrophone(on: boolean) {
			microphone.value = on ? {} : null;
			media.value = { ...media.value, microphone: on };
			return Promise.resolve(true);
		},
	};
	return { call, stop: shareMicrophone(call as unknown as Call) };
}

/** A channel whose messages arrive at once. */
class Channel {
	static readonly all = new Set<Channel>();
	readonly name: string;
	onmessage: ((event: { data: unknown }) => void) | null = null;

	constructor(name: string) {
		this.name = name;
		Channel.all.add(this);
	}

	postMessage(data: unknown): void {
		for (const other of Channel.all) if (other !== this && other.name === this.name) other.onmessage?.({ data });
	}

	close(): void {
		Channel.all.delete(this);
	}
}
vi.stubGlobal("BroadcastChannel", Channel);

test("a microphone is on in one call at a time, and in no call that did not have it on", async () => {
	const [one, two, three] = [tab("one"), tab("two"), tab("three")];
	await one.call.setMicrophone(true);
	expect([one, two, three].map(({ call }) => call.media.value.microphone)).toEqual([true, false, false]);
	expect(speaksElsewhere.value).toBeNull();
	await two.call.setMicrophone(true);
	expect([one, two, three].map(({ call }) => call.media.value.microphone)).toEqual([false, true, false]);
	expect(speaksElsewhere.value).toBe("one");
	await one.call.setMicrophone(true);
	expect([one, two, three].map(({ call }) => call.media.value.microphone)).toEqual([true, false, false]);
	for (const { stop } of [one, two, three]) stop();
});

test("two pages of one call leave each other alone", async () => {
	const [one, again] = [tab("one"), tab("one")];
	await one.call.setMicrophone(true);
	await again.call.setMicrophone(true);
	expect([one, again].map(({ call }) => call.media.value.microphone)).toEqual([true, true]);
	for (const { stop } of [one, again]) stop();
});
