import fc from "fast-check";
import { expect, test } from "vitest";
import { type Body, Outbox, type Settled, type Snapshot } from "../src/session/outbox";
import type { LobbyStep, Refusal } from "../src/wire/generated";

const say = (text: string): Body => ({ topic: "chat", type: "say", text });
const half = (): number => 0.5;
const joining: Body = {
	topic: "session",
	type: "join",
	name: "Ada",
	video_only: false,
	microphone: true,
	camera: true,
	take: false,
};

function open(): Outbox {
	const outbox = new Outbox(half);
	outbox.attached(1);
	return outbox;
}

test("one command is under way at a time, and the next leaves on the answer", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.push(say("b"), 0, 0);
	expect(outbox.poll(0).send).toEqual({ n: 1, body: say("a") });
	expect(outbox.poll(1).send).toBeNull();
	expect(outbox.answered(1, null, 7, 2)).toMatchObject({ command: { id: 1 }, refused: null, head: 7 });
	expect(outbox.poll(2).send).toEqual({ n: 2, body: say("b") });
});

test("without an attached connection nothing leaves", () => {
	const outbox = new Outbox(half);
	outbox.push(say("a"), 0, 0);
	expect(outbox.poll(0)).toEqual({ send: null, probe: false, again_at: null });
});

test("a new connection repeats the same number", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.detached();
	outbox.attached(1);
	expect(outbox.poll(1).send?.n).toBe(1);
	outbox.detached();
	outbox.attached(2);
	expect(outbox.poll(2).send?.n).toBe(1);
});

test("three silent seconds ask for a sign of life, five repeat the command", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	expect(outbox.poll(0).again_at).toBe(3_000);
	expect(outbox.poll(2_999)).toMatchObject({ probe: false });
	expect(outbox.poll(3_000)).toMatchObject({ probe: true, send: null });
	expect(outbox.poll(3_001)).toMatchObject({ probe: false });
	expect(outbox.poll(5_000).send?.n).toBe(1);
});

test("a refusal of the moment is tried again with the same number after a growing wait", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	expect(outbox.answered(1, { why: "busy" }, 0, 0)).toBeNull();
	expect(outbox.poll(0)).toMatchObject({ send: null, again_at: 200 });
	expect(outbox.poll(200).send?.n).toBe(1);
	outbox.answered(1, { why: "trouble" }, 0, 200);
	expect(outbox.poll(200).again_at).toBe(550);
});

test("a refusal for good settles, and the line goes on", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.push(say("b"), 0, 0);
	outbox.poll(0);
	expect(outbox.answered(1, { why: "not_joined" }, 0, 0)?.refused).toEqual({ why: "not_joined" });
	expect(outbox.poll(0).send?.n).toBe(2);
});

test("out of turn downwards: the command takes the number that is expected", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	// A malformed message does not use its number up.
	outbox.answered(1, { why: "malformed" }, 0, 0);
	outbox.push(say("b"), 0, 0);
	expect(outbox.poll(0).send?.n).toBe(2);
	expect(outbox.answered(2, { why: "out_of_turn", expected: 1 }, 0, 0)).toBeNull();
	expect(outbox.poll(0).send).toEqual({ n: 1, body: say("b") });
});

test("out of turn upwards at the first sending: the number is in use, the command takes the next", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.answered(1, { why: "out_of_turn", expected: 4 }, 0, 0);
	expect(outbox.poll(0).send?.n).toBe(4);
});

test("out of turn upwards at a repeat: it was done, and is not done again", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.detached();
	outbox.attached(1);
	outbox.poll(1);
	expect(outbox.answered(1, { why: "out_of_turn", expected: 4 }, 0, 0)).toMatchObject({ refused: null, head: null });
	outbox.push(say("b"), 0, 0);
	expect(outbox.poll(2).send?.n).toBe(4);
});

test("an attached that crossed an answer does not set the numbers back", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.answered(1, null, 0, 0);
	outbox.attached(1);
	outbox.push(say("b"), 0, 0);
	expect(outbox.poll(0).send?.n).toBe(2);
});

test("only the last of several unsent switches is sent", () => {
	const outbox = open();
	const media = (camera: boolean): Body => ({ topic: "session", type: "media", microphone: true, camera });
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.push(media(true), 0, 0);
	const { replaced } = outbox.push(media(false), 0, 0);
	expect(replaced).toHaveLength(1);
	outbox.answered(1, null, 0, 0);
	expect(outbox.poll(0).send?.body).toEqual(media(false));
	expect(outbox.commands).toHaveLength(1);
});

test("a server that expects what it refuses is not asked in a tight loop", () => {
	const outbox = open();
	outbox.push(say("a"), 0, 0);
	outbox.poll(0);
	outbox.answered(1, { why: "out_of_turn", expected: 1 }, 0, 0);
	expect(outbox.poll(0).send).toBeNull();
});

const deletion: Body = { topic: "screenshots", type: "delete", picture: 4 };
const end: Body = { topic: "session", type: "end" };

/** Trouble answers the first in line, as often as it takes to be given up. */
function givenUp(outbox: Outbox): number {
	let now = 0;
	for (let times = 1; times <= 4; times += 1) {
		expect(outbox.poll(now).send).toEqual({ n: 1, body: deletion });
		expect(outbox.answered(1, { why: "trouble" }, 0, now)).toBeNull();
		now = outbox.poll(now).again_at ?? Number.NaN;
	}
	expect(outbox.poll(now).send?.n).toBe(1);
	expect(outbox.answered(1, { why: "trouble" }, 0, now)).toMatchObject({ refused: { why: "trouble" }, head: null });
	return now;
}

test("trouble with objects is tried four times more; the next goes on, when the number was used", () => {
	const outbox = open();
	outbox.push(deletion, 0, 0);
	outbox.push(say("b"), 0, 0);
	const now = givenUp(outbox);
	expect(outbox.poll(now).send).toEqual({ n: 2, body: say("b") });
	// Its answer is lost, and the repeat is still this command's.
	outbox.detached();
	outbox.attached(3);
	expect(outbox.poll(now + 1).send).toEqual({ n: 2, body: say("b") });
	expect(outbox.answered(2, null, 9, now)?.refused).toBeNull();
});

test("trouble with objects is tried four times more; the next goes on, when the number was not used", () => {
	const outbox = open();
	outbox.push(deletion, 0, 0);
	outbox.push(say("b"), 0, 0);
	outbox.push(say("c"), 0, 0);
	const now = givenUp(outbox);
	expect(outbox.poll(now).send?.n).toBe(2);
	// Its refusal is lost with the connection, or not.
	outbox.detached();
	outbox.attached(1);
	expect(outbox.poll(now).send).toEqual({ n: 2, body: say("b") });
	expect(outbox.answered(2, { why: "out_of_turn", expected: 1 }, 0, now)).toBeNull();
	expect(outbox.poll(now).send).toEqual({ n: 1, body: say("b") });
	expect(outbox.answered(1, null, 9, now)?.refused).toBeNull();
	expect(outbox.poll(now).send).toEqual({ n: 2, body: say("c") });
});

test("an abandoned number is not reused while a message with it may be on its way", () => {
	const outbox = open();
	outbox.push(deletion, 0, 0);
	outbox.poll(0);
	outbox.detached();
	outbox.attached(1);
	outbox.push(say("b"), 0, 0);
	const now = givenUp(outbox);
	expect(outbox.poll(now).send?.n).toBe(2);
	outbox.answered(2, { why: "out_of_turn", expected: 1 }, 0, now);
	expect(outbox.poll(now)).toMatchObject({ send: null, again_at: now + 10_000 });
	outbox.attached(1);
	expect(outbox.poll(now + 9_999).send).toBeNull();
	expect(outbox.poll(now + 10_000).send).toEqual({ n: 1, body: say("b") });
	// It was done after all, then nothing waits.
	outbox.answered(1, { why: "out_of_turn", expected: 2 }, 0, now + 10_000);
	expect(outbox.poll(now + 10_000).send).toEqual({ n: 2, body: say("b") });
});

test("what must not be lost is tried for ever, and so is everything while the server is busy or silent", () => {
	for (const [body, why] of [
		[say("a"), "trouble"],
		[deletion, "busy"],
		[deletion, "too_often"],
	] as const) {
		const outbox = open();
		outbox.push(body, 0, 0);
		for (let [times, now] = [0, 0]; times < 50; times += 1, now += 10_000) {
			expect(outbox.poll(now).send?.n).toBe(1);
			const refused: Refusal = why === "too_often" ? ({ why, wait_ms: 1 } as Refusal) : { why };
			expect(outbox.answered(1, refused, 0, now)).toBeNull();
		}
	}
});

test("a reload keeps the count of troubles", () => {
	let outbox = open();
	outbox.push(deletion, 0, 0);
	for (let times = 1; times <= 5; times += 1) {
		outbox = new Outbox(half, outbox.snapshot());
		outbox.attached(1);
		outbox.poll(0);
		expect(outbox.answered(1, { why: "trouble" }, 0, 0) === null).toBe(times < 5);
	}
});

test("joining waits for nothing that the lobby tells, but for what is under way", () => {
	const outbox = open();
	const lobby = (at: "asking" | "in_lobby"): Body => ({ topic: "session", type: "lobby", step: at });
	outbox.push(lobby("in_lobby"), 0, 0);
	outbox.poll(0);
	outbox.push({ topic: "session", type: "zone", utc_offset_min: 60 }, 0, 0);
	outbox.push(lobby("asking"), 0, 0);
	outbox.push(joining, 0, 0);
	outbox.push(say("a"), 0, 0);
	expect(outbox.commands.map(({ body }) => body.type)).toEqual(["lobby", "join", "zone", "lobby", "say"]);
	outbox.answered(1, null, 1, 1);
	expect(outbox.poll(1).send).toEqual({ n: 2, body: joining });
});

test("joining waits for what held the person up, and a later step does not take its place", () => {
	const outbox = open();
	const lobby = (at: LobbyStep): Body => ({ topic: "session", type: "lobby", step: at });
	outbox.push(lobby("asking"), 0, 0);
	outbox.poll(0);
	for (const at of ["camera_busy", "camera_denied", "in_lobby", "joining"] as const) outbox.push(lobby(at), 0, 0);
	outbox.push(joining, 0, 0);
	const told = outbox.commands.map(({ body }) => (body.type === "lobby" ? body.step : body.type));
	expect(told).toEqual(["asking", "camera_denied", "join", "joining"]);
});

test("hanging up waits for nothing but what is under way", () => {
	const outbox = open();
	for (const text of ["a", "b", "c"]) outbox.push(say(text), 0, 0);
	outbox.poll(0);
	outbox.push(end, 0, 0);
	outbox.answered(1, null, 0, 0);
	expect(outbox.poll(0).send).toEqual({ n: 2, body: end });
	outbox.answered(2, null, 0, 0);
	expect(outbox.poll(0).send).toEqual({ n: 3, body: say("b") });
	const unattached = new Outbox(half);
	unattached.push(say("a"), 0, 0);
	unattached.push(end, 0, 0);
	expect(unattached.commands.map(({ body }) => body.type)).toEqual(["end", "say"]);
});

test("hanging up comes after the joining that still waits", () => {
	const outbox = new Outbox(half);
	outbox.push(joining, 0, 0);
	outbox.push(say("a"), 0, 0);
	outbox.push(end, 0, 0);
	expect(outbox.commands.map(({ body }) => body.type)).toEqual(["join", "end", "say"]);
});

/**
 * The server's side of the rule, as `functions/session` has it: the newest number and its answer
 * are remembered.
 */
class Server {
	readonly done: string[] = [];
	#last = 0;
	#answer: Refusal | null = null;

	get next(): number {
		return this.#last + 1;
	}

	/** `trouble`: of the world, before the command is taken or after. */
	take(n: number, body: Body, trouble: "before" | "after" | null = null): Refusal | null {
		if (trouble === "before" && n === this.next) return { why: "trouble" };
		const answer = this.#take(n, body);
		return trouble === "after" && answer === null ? { why: "trouble" } : answer;
	}

	#take(n: number, body: Body): Refusal | null {
		if (n === this.#last) return this.#answer;
		if (n !== this.next) return { why: "out_of_turn", expected: this.next };
		this.#last = n;
		if (body.type === "say") this.done.push(body.text);
		if (body.type === "delete") this.done.push(`${body.picture}`);
		this.#answer = null;
		return null;
	}
}

const step = fc.oneof(
	{ weight: 4, arbitrary: fc.constant("push" as const) },
	{ weight: 6, arbitrary: fc.constant("wait" as const) },
	{ weight: 5, arbitrary: fc.constant("arrive" as const) },
	{ weight: 5, arbitrary: fc.constant("answer" as const) },
	fc.constant("lose_question" as const),
	fc.constant("lose_answer" as const),
	fc.constant("repeat_answer" as const),
	fc.constant("busy" as const),
	{ weight: 3, arbitrary: fc.constant("push_deletion" as const) },
	{ weight: 3, arbitrary: fc.constant("trouble_before" as const) },
	{ weight: 3, arbitrary: fc.constant("trouble_after" as const) },
	fc.constant("cut" as const),
	fc.constant("stale_attach" as const),
	fc.constant("reload" as const),
);
type Step = typeof step extends fc.Arbitrary<infer Name> ? Name : never;

/** A page, its outbox and what is on its way to and from the server. */
class Unlucky {
	readonly server = new Server();
	readonly settled: Settled[] = [];
	outbox = new Outbox(half);
	pushed = 0;
	#stored: Snapshot = { next_n: 1, next_id: 1, commands: [] };
	#now = 0;
	#questions: { n: number; body: Body }[] = [];
	#answers: { n: number; refused: Refusal | null }[] = [];
	/** What can be delivered once more. */
	#heard: { n: number; refused: Refusal | null }[] = [];

	constructor() {
		this.outbox.attached(1);
	}

	act(one: Step): void {
		this.#now += 10;
		this.#does[one]();
		this.#turn();
	}

	readonly #does: Readonly<Record<Step, () => void>> = {
		push: () => {
			this.pushed += 1;
			this.#push(say(`${this.pushed}`));
		},
		push_deletion: () => {
			this.pushed += 1;
			this.#push({ topic: "screenshots", type: "delete", picture: this.pushed });
		},
		wait: () => {
			this.#now += 1_700;
		},
		trouble_before: () => this.#trouble("before"),
		trouble_after: () => this.#trouble("after"),
		arrive: () => this.#arrive((n, body) => this.server.take(n, body)),
		answer: () => {
			const answer = this.#answers.shift();
			if (answer !== undefined) this.#deliver(answer);
		},
		lose_question: () => void this.#questions.shift(),
		lose_answer: () => void this.#answers.shift(),
		repeat_answer: () => {
			for (const answer of this.#heard) this.#deliver(answer);
		},
		busy: () => this.#arrive(() => ({ why: "busy" })),
		cut: () => {
			this.#cut();
			this.#attach(this.server.next);
		},
		stale_attach: () => {
			// A socket is being replaced: its successor's `attached` was made before the last
			// command was taken.
			const next = this.server.next;
			this.#arrive((n, body) => this.server.take(n, body));
			this.#attach(next);
		},
		reload: () => {
			this.#cut();
			this.outbox = new Outbox(half, this.#stored);
			this.#attach(this.server.next);
		},
	};

	/** It lasts for a while: what is under way is asked and answered until it is over. */
	#trouble(when: "before" | "after"): void {
		for (let times = 0; times < 6; times += 1) {
			this.#arrive((n, body) => this.server.take(n, body, when));
			this.#does.answer();
			this.#now += 5_100;
			this.#turn();
		}
	}

	#push(body: Body): void {
		this.outbox.push(body, this.#now, 0);
		this.#store();
	}

	#turn(): void {
		const { send } = this.outbox.poll(this.#now);
		this.#store();
		if (send === null) return;
		const numbered = this.outbox.commands.filter((command) => command.n !== null);
		if (numbered.length !== 1) throw new Error("two commands have numbers at once");
		this.#questions.push(send);
	}

	#arrive(take: (n: number, body: Body) => Refusal | null): void {
		const question = this.#questions.shift();
		if (question !== undefined) this.#answers.push({ n: question.n, refused: take(question.n, question.body) });
	}

	#deliver(answer: { n: number; refused: Refusal | null }): void {
		this.#heard = [answer];
		const done = this.outbox.answered(answer.n, answer.refused, 0, this.#now);
		this.#store();
		if (done !== null) this.settled.push(done);
	}

	#attach(next: number): void {
		this.settled.push(...this.outbox.attached(next));
	}

	#cut(): void {
		this.#questions = [];
		this.#answers = [];
		this.#heard = [];
		this.outbox.detached();
	}

	#store(): void {
		this.#stored = structuredClone(this.outbox.snapshot());
	}
}

test("whatever is lost, repeated or cut, and however often the page reloads: each command is done once, in order", () => {
	let given_up = 0;
	fc.assert(
		fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
			const page = new Unlucky();
			const { server, settled } = page;
			for (const one of steps) page.act(one);
			// The faults stop: everything drains.
			for (let rounds = 0; page.outbox.commands.length > 0; rounds += 1) {
				if (rounds > 2_000) throw new Error("never drains");
				for (const one of ["wait", "arrive", "answer"] as const) page.act(one);
			}
			const refused = settled.filter((one) => one.refused !== null).map(({ command: { body } }) => body);
			// Commands that were given up may have been done or not.
			const unknown = new Set(refused.map((body) => (body.type === "delete" ? `${body.picture}` : "none")));
			expect(unknown).not.toContain("none");
			const all = Array.from({ length: page.pushed }, (_, at) => `${at + 1}`);
			const expected = all.filter((one) => !unknown.has(one) || server.done.includes(one));
			expect(server.done).toEqual(expected);
			expect(new Set(settled.map((one) => one.command.id)).size).toBe(settled.length);
			given_up += unknown.size;
		}),
		{ numRuns: 2_000 },
	);
	expect(given_up).toBeGreaterThan(100);
});
