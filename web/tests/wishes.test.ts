// Two pages draw on one board over bad links; a small model of the server decides.

import fc from "fast-check";
import { expect, test } from "vitest";
import { standing } from "../src/session/boards";
import { apply, EMPTY, type Folded } from "../src/session/fold";
import { type Body, Outbox, type Settled, type Snapshot } from "../src/session/outbox";
import { bySeat, others, SEATS, type Seats } from "../src/wire/seats";
import type { PictureView, ShownStroke, View } from "../src/session/view";
import { type ShownBoard, Wishes } from "../src/session/wishes";
import type { Event, Refusal, Seat, Stroke, EventKind } from "../src/wire/generated";
import { inOrder } from "./events";

const half = (): number => 0.5;
const stroke = (mark: number): Stroke => ({ mark, tool: "step", at: [mark, 2], number: 1 });
const draw = (picture: number, ...marks: number[]): Body => ({
	topic: "annotation",
	type: "draw",
	picture,
	strokes: marks.map(stroke),
});
const ask = (type: "undo" | "undo_all" | "redo" | "clear", picture = 1): Body => ({
	topic: "annotation",
	type,
	picture,
});
const names = (strokes: readonly ShownStroke[]): string[] => strokes.map(({ seat, mark }) => `${seat} ${mark}`);

function log(...what: EventKind[]): Folded {
	return inOrder(what.map((one, at) => ({ seq: at + 1, at_ms: 1, ...one }) as Event));
}

const asked: EventKind = { type: "capture_asked", seat: "agent" };
const drawn = (seat: Seat, mark: number): EventKind => ({ type: "drawn", seat, picture: 1, stroke: stroke(mark) });
const board = (wishes: Wishes, view: View): ShownBoard => wishes.shown(view.pictures[0] as PictureView, view.head);
const pictureOf = (view: View): PictureView => view.pictures[0] as PictureView;

test("a stroke shows at once, then from the log, once", () => {
	const wishes = new Wishes("agent");
	wishes.made(1, draw(1, 5), pictureOf(log(asked)));
	expect(board(wishes, log(asked)).strokes).toMatchObject([{ mark: 5, seat: "agent", pending: true }]);
	const told = log(asked, drawn("agent", 5));
	expect(board(wishes, told).strokes).toMatchObject([{ mark: 5, pending: false }]);
	wishes.settled(1, null, 2);
	expect(board(wishes, told).strokes).toMatchObject([{ mark: 5, pending: false }]);
});

test("a refused stroke goes, and a refused undo brings back", () => {
	const wishes = new Wishes("agent");
	const view = log(asked, drawn("agent", 4));
	wishes.made(1, draw(1, 5), pictureOf(view));
	wishes.made(2, ask("undo_all"), pictureOf(view));
	expect(board(wishes, view).strokes).toEqual([]);
	wishes.settled(1, { why: "limit_reached" }, 2);
	wishes.settled(2, { why: "trouble" }, 2);
	expect(names(board(wishes, view).strokes)).toEqual(["agent 4"]);
});

test("an answered undo stays until its event is there", () => {
	const wishes = new Wishes("agent");
	const view = log(asked, drawn("agent", 4));
	wishes.made(1, ask("undo"), pictureOf(view));
	wishes.settled(1, null, 3);
	expect(board(wishes, view)).toMatchObject({ strokes: [], canUndo: false, canRedo: true });
	const told = log(asked, drawn("agent", 4), { type: "undone", seat: "agent", picture: 1, strokes: [2] });
	expect(board(wishes, told)).toMatchObject({ strokes: [], canUndo: false, canRedo: true });
});

test("an undo whose event comes first takes back one stroke, not two", () => {
	const wishes = new Wishes("agent");
	const before = [asked, drawn("agent", 4), drawn("agent", 5)];
	wishes.made(1, ask("undo"), pictureOf(log(...before)));
	const told = log(...before, { type: "undone", seat: "agent", picture: 1, strokes: [3] });
	expect(names(board(wishes, told).strokes)).toEqual(["agent 4"]);
	wishes.settled(1, null, 4);
	expect(names(board(wishes, told).strokes)).toEqual(["agent 4"]);
});

test("strokes taken back together come back together, and drawing forgets them", () => {
	const wishes = new Wishes("customer");
	const view = log(asked, drawn("customer", 1), drawn("agent", 1), drawn("customer", 2));
	wishes.made(1, ask("undo_all"), pictureOf(view));
	expect(names(board(wishes, view).strokes)).toEqual(["agent 1"]);
	wishes.made(2, ask("redo"), pictureOf(view));
	expect(board(wishes, view).strokes).toHaveLength(3);
	expect(board(wishes, view).canRedo).toBe(false);
	wishes.made(3, ask("undo"), pictureOf(view));
	expect(board(wishes, view).canRedo).toBe(true);
	wishes.made(4, draw(1, 9), pictureOf(view));
	expect(board(wishes, view).canRedo).toBe(false);
	expect(names(board(wishes, view).strokes)).toEqual(["customer 1", "agent 1", "customer 9"]);
});

test("a stroke that was logged and then cleared does not come back while its answer is on the way", () => {
	const wishes = new Wishes("customer");
	wishes.made(1, draw(1, 5), pictureOf(log(asked)));
	expect(board(wishes, log(asked, drawn("customer", 5))).strokes).toHaveLength(1);
	const cleared = log(asked, drawn("customer", 5), { type: "cleared", picture: 1 });
	expect(board(wishes, cleared).strokes).toEqual([]);
	wishes.settled(1, null, 3);
	expect(board(wishes, cleared).strokes).toEqual([]);
});

test("strokes that joined a command in line are answered with it", () => {
	const wishes = new Wishes("customer");
	const view = log(asked);
	wishes.made(1, draw(1, 5), pictureOf(view));
	wishes.made(1, draw(1, 6), pictureOf(view));
	wishes.made(1, draw(1, 5, 6, 7), pictureOf(view));
	expect(names(board(wishes, view).strokes)).toEqual(["customer 5", "customer 6", "customer 7"]);
	wishes.settled(1, { why: "board_closed" }, 1);
	expect(board(wishes, view).strokes).toEqual([]);
});

test("unchanged strokes are the same object, so that nothing is painted again", () => {
	const wishes = new Wishes("agent");
	const view = log(asked, drawn("agent", 4));
	const before = board(wishes, view);
	expect(board(wishes, view)).toBe(before);
	// A line of chat, or what else is not about the strokes.
	const later: View = { ...view, head: 9, pictures: [{ ...pictureOf(view), failed: "no_picture" }] };
	expect(board(wishes, later).strokes).toBe(before.strokes);
});

test("a full board says so, and an own undo makes room", () => {
	const wishes = new Wishes("agent");
	const all = Array.from({ length: 999 }, (_, at) => drawn(at % 2 === 0 ? "agent" : "customer", at));
	const view = log(asked, ...all);
	expect(board(wishes, view).full).toBe(false);
	wishes.made(1, draw(1, 5_000), pictureOf(view));
	expect(board(wishes, view).full).toBe(true);
	wishes.made(2, ask("undo"), pictureOf(view));
	expect(board(wishes, view).full).toBe(false);
});

/** The rules of `functions/session`, as far as strokes and boards go. */
class Server {
	readonly events: Event[] = [];
	view = EMPTY;
	readonly #answers = new Map<Seat, { n: number; refused: Refusal | null }>();

	next(seat: Seat): number {
		return (this.#answers.get(seat)?.n ?? 0) + 1;
	}

	take(seat: Seat, n: number, body: Body): Refusal | null {
		const last = this.#answers.get(seat);
		if (last?.n === n) return last.refused;
		if (n !== this.next(seat)) return { why: "out_of_turn", expected: this.next(seat) };
		const outcome = this.#decide(seat, body);
		const refused = Array.isArray(outcome) ? null : outcome;
		if (Array.isArray(outcome)) for (const what of outcome) this.#happen(what);
		this.#answers.set(seat, { n, refused });
		return refused;
	}

	#decide(seat: Seat, body: Body): EventKind[] | Refusal {
		const { pictures, board: open } = this.view;
		if (body.type === "capture") return open === null ? [{ type: "capture_asked", seat }] : [];
		if (!("picture" in body)) throw new Error(`not modelled: ${body.type}`);
		const { picture } = body;
		const found = pictures.find(({ id }) => id === picture);
		if (body.type === "delete") return found === undefined ? [] : [{ type: "picture_deleted", seat, picture }];
		if (found === undefined) return { why: "no_picture" };
		if (body.type === "open") return open === picture ? [] : [{ type: "board_opened", seat, picture }];
		if (open !== picture) return { why: "board_closed" };
		if (body.type === "close") return [{ type: "board_closed", seat, picture }];
		const own = found.strokes.filter((one) => one.seat === seat);
		const ids = own.filter(({ undone }) => undone === null).map(({ id }) => id);
		const takenBack = (strokes: number[]): EventKind[] =>
			strokes.length === 0 ? [] : [{ type: "undone", seat, picture, strokes }];
		switch (body.type) {
			case "draw":
				return body.strokes.map((one): EventKind => ({ type: "drawn", seat, picture, stroke: one }));
			case "undo":
				return takenBack(ids.slice(-1));
			case "undo_all":
				return takenBack(ids);
			case "redo": {
				const newest = Math.max(0, ...own.map((one) => one.undone ?? 0));
				const strokes = newest === 0 ? [] : own.filter((one) => one.undone === newest).map(({ id }) => id);
				return strokes.length === 0 ? [] : [{ type: "redone", seat, picture, strokes }];
			}
			case "clear":
				return [{ type: "cleared", picture }];
			default:
				throw new Error(`not modelled: ${body.type}`);
		}
	}

	#happen(what: EventKind): void {
		const event = { seq: this.events.length + 1, at_ms: 1, ...what } as Event;
		this.events.push(event);
		this.view = apply(this.view, event) as Folded;
	}
}

/** One person's page, with its two ways to and from the server. */
class Page {
	view = EMPTY;
	outbox = new Outbox(half);
	wishes: Wishes;
	questions: { n: number; body: Body }[] = [];
	answers: { n: number; refused: Refusal | null; head: number }[] = [];
	now = 0;
	/** Clear was asked and may be not in the log yet. */
	clearing = false;
	refused = false;
	#stored: Snapshot;
	#mark = 0;
	readonly seat: Seat;
	readonly #server: Server;

	constructor(seat: Seat, server: Server) {
		this.seat = seat;
		this.#server = server;
		this.wishes = new Wishes(seat);
		this.outbox.attached(1);
		this.#stored = this.outbox.snapshot();
	}

	get open(): PictureView | null {
		return this.view.pictures.find(({ id }) => id === this.view.board) ?? null;
	}

	shown(): ShownBoard | null {
		const open = this.open;
		return open === null ? null : this.wishes.shown(open, this.view.head);
	}

	/** What is on the screen of one person's strokes. */
	seen(seat: Seat): string[] {
		return names(this.shown()?.strokes.filter((one) => one.seat === seat) ?? []);
	}

	push(body: Body): void {
		const { id } = this.outbox.push(body, 0, this.view.head);
		this.wishes.made(id, body, this.open);
		this.pump();
	}

	/** Marks of the two are the same numbers: whose a stroke is must be told by the seat. */
	draw(count: number): void {
		for (let one = 0; one < count; one += 1) if (this.open !== null) this.push(draw(this.open.id, ++this.#mark));
	}

	pump(): void {
		const { send } = this.outbox.poll(this.now);
		if (send !== null) this.questions.push(send);
		this.#stored = this.outbox.snapshot();
	}

	arrive(): void {
		const question = this.questions.shift();
		if (question === undefined) return;
		const refused = this.#server.take(this.seat, question.n, question.body);
		this.answers.push({ n: question.n, refused, head: this.#server.events.length });
	}

	answer(): void {
		const answer = this.answers.shift();
		if (answer === undefined) return;
		this.#settle(this.outbox.answered(answer.n, answer.refused, answer.head, this.now));
	}

	hear(count: number): void {
		for (const event of this.#server.events.slice(this.view.head, this.view.head + count))
			this.view = apply(this.view, event) as Folded;
	}

	cut(): void {
		this.questions = [];
		this.answers = [];
		this.outbox.detached();
		for (const settled of this.outbox.attached(this.#server.next(this.seat))) this.#settle(settled);
	}

	reload(): void {
		this.cut();
		this.view = EMPTY;
		this.wishes = new Wishes(this.seat);
		this.outbox = new Outbox(half, this.#stored);
		for (const { id, body } of this.outbox.commands) this.wishes.made(id, body, null);
		this.outbox.attached(this.#server.next(this.seat));
	}

	#settle(settled: Settled | null): void {
		if (settled === null) return;
		if (settled.refused !== null) this.refused = true;
		this.wishes.settled(settled.command.id, settled.refused, settled.head);
	}
}

const DRAWING = ["draw", "draw", "burst", "undo", "undo_all", "redo"] as const;
const SWEEPING = ["clear", "capture", "delete", "close", "open"] as const;
const LINK = [
	"arrive",
	"arrive",
	"arrive",
	"answer",
	"answer",
	"hear",
	"hear",
	"hear_more",
	"wait",
	"lose_question",
	"lose_answer",
	"cut",
] as const;
type Step = (typeof DRAWING)[number] | (typeof SWEEPING)[number] | (typeof LINK)[number] | "reload";

function act(page: Page, step: Step): void {
	const picture = page.open?.id ?? null;
	page.now += 10;
	if (step === "draw") page.draw(1);
	else if (step === "burst") page.draw(20);
	else if (step === "undo" || step === "undo_all" || step === "redo") {
		if (picture !== null) page.push(ask(step, picture));
	} else if (step === "clear") {
		if (picture !== null && page.seat === "agent") {
			page.clearing = true;
			page.push(ask(step, picture));
		}
	} else if (step === "capture") page.push({ topic: "screenshots", type: "capture" });
	else if (step === "delete" || step === "close") {
		if (picture !== null) page.push({ topic: "screenshots", type: step, picture });
	} else if (step === "open") {
		const any = page.view.pictures[0];
		if (any !== undefined) page.push({ topic: "screenshots", type: "open", picture: any.id });
	} else if (step === "arrive") page.arrive();
	else if (step === "answer") page.answer();
	else if (step === "hear") page.hear(1);
	else if (step === "hear_more") page.hear(7);
	else if (step === "wait") page.now += 2_600;
	else if (step === "lose_question") page.questions.shift();
	else if (step === "lose_answer") page.answers.shift();
	else if (step === "cut") page.cut();
	else page.reload();
	page.pump();
}

function drain(pages: readonly Page[]): void {
	for (let rounds = 0; rounds < 2_000; rounds += 1) {
		if (pages.every((page) => page.outbox.commands.length === 0)) break;
		for (const page of pages) for (const step of ["wait", "arrive", "answer"] as const) act(page, step);
	}
	for (const page of pages) {
		expect(page.outbox.commands).toEqual([]);
		page.hear(10_000);
	}
}

function quiet(pages: readonly Page[], server: Server): void {
	for (const page of pages) {
		const open = page.open;
		expect(page.view).toEqual(server.view);
		if (open === null) continue;
		const shown = page.shown() as ShownBoard;
		expect(shown.strokes).toEqual(standing(open));
		const own = open.strokes.filter(({ seat }) => seat === page.seat);
		expect(shown.canUndo).toBe(own.some(({ undone }) => undone === null));
		expect(shown.canRedo).toBe(own.some(({ undone }) => undone !== null));
	}
}

function steps(kinds: readonly Step[]): fc.Arbitrary<[Seat, Step][]> {
	return fc.array(fc.tuple(fc.constantFrom(...SEATS), fc.constantFrom(...kinds)), {
		maxLength: 120,
		size: "max",
	});
}

function begin(): { server: Server; pages: Seats<Page>; both: readonly Page[] } {
	const server = new Server();
	const pages = bySeat((seat) => new Page(seat, server));
	const both = SEATS.map((seat) => pages[seat]);
	act(pages.agent, "capture");
	act(pages.agent, "arrive");
	for (const page of both) act(page, "hear");
	return { server, pages, both };
}

test("in any order of actions and messages both see the same in the end, and undo affects own strokes only", () => {
	fc.assert(
		fc.property(steps([...DRAWING, ...SWEEPING, ...LINK, ...LINK, "reload"]), (all) => {
			const { server, pages, both } = begin();
			for (const [seat, step] of all) {
				act(pages[seat], step);
				for (const page of both) {
					const shown = page.shown();
					expect(page.shown()).toBe(shown);
					if (shown === null || page.open === null || page.clearing) continue;
					// The other's strokes are as the log tells them, whatever this page wants.
					for (const foreign of others(page.seat)) {
						expect(page.seen(foreign)).toEqual(names(standing(page.open).filter((one) => one.seat === foreign)));
					}
				}
			}
			drain(both);
			quiet(both, server);
		}),
		{ numRuns: 500 },
	);
}, 60_000);

test("own strokes never flicker: nothing that comes from the server moves one that the person left alone", () => {
	fc.assert(
		fc.property(steps([...DRAWING, ...LINK, ...LINK]), (all) => {
			const { server, pages, both } = begin();
			for (const [seat, step] of all) {
				const page = pages[seat];
				const before = page.seen(seat);
				act(page, step);
				if ((LINK as readonly Step[]).includes(step)) expect(page.seen(seat)).toEqual(before);
			}
			drain(both);
			expect(both.some(({ refused }) => refused)).toBe(false);
			quiet(both, server);
		}),
		{ numRuns: 500 },
	);
}, 60_000);
