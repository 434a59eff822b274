// A page's durable commands: each is done once, in order, whatever happens to socket, server and
// page.
//
// The server knows a command as (page, n) and takes only the n it expects. A number is given at the
// first sending, not when the command is made: what still waits can be numbered by what the server
// says it expects. Time and chance are arguments.

import {
	type AnnotationCommand,
	type ChatCommand,
	type GuestCommand,
	type Refusal,
	type ScreenshotsCommand,
	type SessionCommand,
	STROKES_MAX,
} from "../wire/generated";
import { tellsHoldUp } from "./lobby";

/** What can be asked, without its number. */
export type Body =
	| ({ topic: "session" } & SessionCommand)
	| ({ topic: "chat" } & ChatCommand)
	| ({ topic: "annotation" } & AnnotationCommand)
	| ({ topic: "screenshots" } & ScreenshotsCommand)
	| ({ topic: "guest" } & GuestCommand);

/** A command as the page keeps it. */
export interface Command {
	/** The page's own name for it, from the first moment to the last. */
	id: number;
	body: Body;
	/** The page's time when it was made. */
	at_ms: number;
	/** The newest event applied when it was made: its own event comes after. */
	after: number;
	/** Its number on the wire once it was sent. Only the first in line can have one. */
	n: number | null;
	/**
	 * How often it was sent. After two sends, a server that says the number is used may have used
	 * it for this command.
	 */
	sent: number;
	/** How often the server answered with `trouble`. */
	troubled: number;
}

/** What the page stores, to continue after a reload. */
export interface Snapshot {
	next_n: number;
	next_id: number;
	commands: Command[];
}

/** A command with its final answer. */
export interface Settled {
	command: Command;
	refused: Refusal | null;
	/**
	 * The server's head at the answer; null when the answer was lost and only the number is used.
	 */
	head: number | null;
}

/** What to do now. */
export interface Due {
	/** Send this; it counts as sent. */
	send: { n: number; body: Body } | null;
	/** A command has had no answer for a while: the connection should be probed. */
	probe: boolean;
	/** When to poll again. */
	again_at: number | null;
}

export class Outbox {
	#next_n: number;
	#next_id: number;
	#commands: Command[];
	#attached = false;
	/** When the first command last went out over this connection; null when it has not. */
	#sent_at: number | null = null;
	#probed = false;
	#not_before = 0;
	#tries = 0;
	/** An abandoned number, not reused before `until`: a message with it may be on its way. */
	#stray: { n: number; until: number } | null = null;
	readonly #random: () => number;

	/** `random` gives numbers from 0 to 1. */
	constructor(random: () => number, snapshot?: Snapshot) {
		this.#random = random;
		this.#next_n = snapshot?.next_n ?? 1;
		this.#next_id = snapshot?.next_id ?? 1;
		this.#commands = snapshot?.commands.map((command) => ({ ...command })) ?? [];
	}

	/** Unanswered commands, first in line first. */
	get commands(): readonly Command[] {
		return this.#commands;
	}

	/** The server takes nothing for the moment: it failed more than once at the first in line. */
	get isHeld(): boolean {
		return (this.#commands[0]?.troubled ?? 0) >= HELD_TROUBLES;
	}

	snapshot(): Snapshot {
		return {
			next_n: this.#next_n,
			next_id: this.#next_id,
			commands: this.#commands.map((command) => ({ ...command })),
		};
	}

	/**
	 * Puts a command in line. `replaced` are those that were never sent and that this one makes
	 * pointless. Strokes join those that wait at the end of the line for the same picture: then
	 * `id` is the one of that command, and its answer is theirs. Hanging up passes everything by
	 * but what is under way, and the joining that it is about. Joining passes by what the lobby
	 * tells, since a person waits for it; but not by what held them up, which the server takes
	 * before the joining alone.
	 */
	push(body: Body, at_ms: number, after: number): { id: number; replaced: Settled[] } {
		const last = this.#commands.at(-1);
		const joined = last !== undefined && last.n === null ? inOne(last.body, body) : null;
		if (last !== undefined && joined !== null) {
			// A new object: a snapshot may hold the other one.
			last.body = joined;
			return { id: last.id, replaced: [] };
		}
		const replaced: Settled[] = [];
		if (LATEST_WINS.has(body.type)) {
			const stays = tellsHoldUp(body);
			this.#commands = this.#commands.filter((command) => {
				const same = command.body.type === body.type && tellsHoldUp(command.body) === stays;
				if (command.n !== null || !same) return true;
				replaced.push({ command, refused: null, head: null });
				return false;
			});
		}
		const id = this.#next_id++;
		const place = this.#place(body.type);
		this.#commands.splice(place, 0, { id, body, at_ms, after, n: null, sent: 0, troubled: 0 });
		return { id, replaced };
	}

	/** `attached` was answered: `next_n` is what the server expects of this page. */
	attached(next_n: number): Settled[] {
		this.#attached = true;
		this.#sent_at = null;
		this.#not_before = 0;
		this.#tries = 0;
		const settled: Settled[] = [];
		const first = this.#commands[0];
		if (first === undefined || first.n === null) {
			// Never downwards: an `attached` that crossed an answer names a number that was used
			// since.
			this.#next_n = Math.max(this.#next_n, next_n);
		} else if (first.n < next_n - 1) {
			// The server has gone on past it and keeps only the newest answer.
			settled.push({ command: first, refused: null, head: null });
			this.#commands.shift();
			this.#next_n = Math.max(this.#next_n, next_n);
		}
		return settled;
	}

	/** The connection is gone; what is unanswered is repeated on the next one. */
	detached(): void {
		this.#attached = false;
		this.#sent_at = null;
	}

	/**
	 * What is to be done now. A command that is returned counts as sent: the caller stores the
	 * snapshot, then sends.
	 */
	poll(now: number): Due {
		const first = this.#commands[0];
		if (!this.#attached || first === undefined) return { send: null, probe: false, again_at: null };
		const not_before = this.#earliest(first);
		if (now < not_before) return { send: null, probe: false, again_at: not_before };
		if (this.#sent_at === null || now >= this.#sent_at + REPEAT_MS) {
			first.n ??= this.#next_n++;
			first.sent += 1;
			this.#sent_at = now;
			this.#probed = false;
			return { send: { n: first.n, body: first.body }, probe: false, again_at: now + PROBE_MS };
		}
		if (now >= this.#sent_at + PROBE_MS) {
			const probe = !this.#probed;
			this.#probed = true;
			return { send: null, probe, again_at: this.#sent_at + REPEAT_MS };
		}
		return { send: null, probe: false, again_at: this.#sent_at + PROBE_MS };
	}

	/**
	 * `done` of command `n`. Null while that settles nothing: a late repeat, or a no that is tried
	 * again.
	 */
	answered(n: number, refused: Refusal | null, head: number, now: number): Settled | null {
		const first = this.#commands[0];
		if (first === undefined || first.n !== n) return null;
		if (refused !== null && first.sent > 0) {
			if (refused.why === "out_of_turn") return this.#resync(first, n, refused.expected, now);
			if (refused.why === "trouble") {
				first.troubled += 1;
				if (OBJECTS.has(first.body.type) && first.troubled > TROUBLES_MAX) return this.#giveUp(first, n, refused, now);
			}
			if (AGAIN.has(refused.why)) {
				this.#wait(now);
				return null;
			}
		}
		return this.#settle(first, refused, head);
	}

	/**
	 * A refusal that named no command, of a kind that may well mean the one under way: it is tried
	 * again later.
	 */
	troubled(now: number): void {
		if (this.#sent_at !== null) this.#wait(now);
	}

	#place(type: Body["type"]): number {
		const after = (stays: (earlier: Body) => boolean): number =>
			this.#commands.findLastIndex(({ n, body }) => n !== null || stays(body)) + 1;
		if (type === "end") return after((earlier) => earlier.type === "join");
		if (type === "join") return after((earlier) => !LOBBY.has(earlier.type) || tellsHoldUp(earlier));
		return this.#commands.length;
	}

	#resync(first: Command, n: number, expected: number, now: number): Settled | null {
		if (expected > n && first.sent > 1) {
			// Only this command ever had this number, and it is used: it was done, and its answer
			// is gone.
			this.#next_n = expected;
			return this.#settle(first, null, null);
		}
		first.n = null;
		first.sent = 0;
		this.#next_n = expected;
		// A server that expects the very number it refuses must not be asked in a tight loop.
		if (expected === n) this.#wait(now);
		else this.#sent_at = null;
		return null;
	}

	/**
	 * Gives the command up, so that the queue continues. Whether the server used the number is not
	 * known: the next command takes the following one, and moves down if the server expects this
	 * one.
	 */
	#giveUp(first: Command, n: number, refused: Refusal, now: number): Settled {
		// An unanswered message may still be carried out, so its number must not name another
		// command.
		if (first.sent > first.troubled) this.#stray = { n, until: now + STRAY_MS };
		return this.#settle(first, refused, null);
	}

	#earliest(first: Command): number {
		const stray = first.n === null && this.#stray?.n === this.#next_n ? this.#stray.until : 0;
		return Math.max(this.#not_before, stray);
	}

	#settle(command: Command, refused: Refusal | null, head: number | null): Settled {
		this.#commands.shift();
		this.#sent_at = null;
		this.#not_before = 0;
		this.#tries = 0;
		return { command, refused, head };
	}

	/** Full jitter: the mean grows, and pages that failed together do not come back together. */
	#wait(now: number): void {
		const most = Math.min(WAIT_MAX_MS, WAIT_MS * 2 ** this.#tries);
		this.#tries += 1;
		this.#sent_at = null;
		this.#not_before = now + WAIT_LEAST_MS + this.#random() * most;
	}
}

/** Joins two commands if both draw on one picture and fit into one message; otherwise null. */
function inOne(first: Body, second: Body): Body | null {
	if (first.type !== "draw" || second.type !== "draw" || first.picture !== second.picture) return null;
	const strokes = [...first.strokes, ...second.strokes];
	if (strokes.length > STROKES_MAX) return null;
	const bytes = new TextEncoder().encode(JSON.stringify(strokes)).length;
	return bytes <= DRAW_BYTES_MAX ? { ...first, strokes } : null;
}

/** What strokes may take of a message's 24 KiB; the rest is for what names them. */
const DRAW_BYTES_MAX = 20 * 1024;
/** Only the newest of these matters: older unsent ones are dropped. */
const LATEST_WINS: ReadonlySet<Body["type"]> = new Set(["media", "lobby", "rename", "zone", "zoom"]);
/** What a page tells while its person has not joined. */
const LOBBY: ReadonlySet<Body["type"]> = new Set(["lobby", "rename", "zone"]);
/** Temporary refusals. After `not_attached` the caller attaches again. */
const AGAIN: ReadonlySet<Refusal["why"]> = new Set(["busy", "trouble", "too_often", "not_attached"]);
/** Commands that need the object store. Its troubles must not hold up other commands for long. */
const OBJECTS: ReadonlySet<Body["type"]> = new Set(["uploaded", "send", "delete"]);
/** A single failure passes before anybody could read of it. */
const HELD_TROUBLES = 2;
/** How often such a command is repeated. */
const TROUBLES_MAX = 4;
/** After this the server has finished what it began. */
const STRAY_MS = 10_000;
const PROBE_MS = 3_000;
/** The handler may have died without an answer; repeating the same number is safe. */
const REPEAT_MS = 5_000;
const WAIT_LEAST_MS = 50;
const WAIT_MS = 300;
const WAIT_MAX_MS = 5_000;
