// This page's durable commands: queued, sent when their turn comes, answered.

import { type ReadonlySignal, signal } from "@preact/signals";
import { type Body, type Command, Outbox, type Settled, type Snapshot } from "../../session/outbox";
import type { PageSays, Refusal } from "../../wire/generated";

export interface CommandsOptions {
	clock: () => number;
	random: () => number;
	/** Server time. */
	now_ms(): number;
	/** Newest event applied. */
	head(): number;
	/** Why no command is taken any more; null while commands are taken. */
	closed(): Refusal | null;
	queued(command: Pick<Command, "id" | "body">): void;
	/** A command is answered; called before `save`. */
	settled(settled: Settled): void;
	/** Reports a refusal that no caller waits for. */
	refused(refused: Refusal): void;
	/** Stores the snapshot for a reload. */
	save(): void;
	/** Sends over the socket. */
	say(says: PageSays): void;
	/** Asks the socket for a sign of life. */
	probe(): void;
	/** Something may be due. */
	pump(): void;
}

export class Commands {
	readonly #options: CommandsOptions;
	readonly #held = signal(false);
	/** Null until the page's memory is read. */
	#outbox: Outbox | null = null;
	/** Commands made before that. */
	#early: (() => void)[] = [];
	/** Callers that wait for an answer, by command id. */
	readonly #waiting = new Map<number, (refused: Refusal | null) => void>();

	constructor(options: CommandsOptions) {
		this.#options = options;
	}

	/** The server takes nothing for the moment; what waits is repeated. */
	get held(): ReadonlySignal<boolean> {
		return this.#held;
	}

	/** Takes over what was unanswered before a reload. */
	restore(snapshot: Snapshot | null): readonly Command[] {
		this.#outbox = new Outbox(this.#options.random, snapshot ?? undefined);
		return this.#outbox.commands;
	}

	/** Queues the commands that were made before `restore`. */
	queueEarly(): void {
		for (const queue of this.#early.splice(0)) queue();
	}

	snapshot(): Snapshot | null {
		return this.#outbox?.snapshot() ?? null;
	}

	isUnderWay(type: Body["type"]): boolean {
		return this.#outbox?.commands.some(({ body }) => body.type === type) ?? false;
	}

	/** Queues a command; `queued` receives its id. */
	push(body: Body, queued?: (id: number, at_ms: number) => void): void {
		const { closed, now_ms, head, save, pump } = this.#options;
		if (closed() !== null) return;
		if (this.#outbox === null) {
			this.#early.push(() => this.push(body, queued));
			return;
		}
		const at_ms = now_ms();
		const { id, replaced } = this.#outbox.push(body, at_ms, head());
		this.#options.queued({ id, body });
		queued?.(id, at_ms);
		for (const settled of replaced) this.#settle(settled);
		save();
		pump();
	}

	/** Queues a command; resolves with its answer. */
	request(body: Body): Promise<Refusal | null> {
		const closed = this.#options.closed();
		if (closed !== null) return Promise.resolve(closed);
		return new Promise((resolve) => this.push(body, (id) => this.#waiting.set(id, resolve)));
	}

	attached(next_n: number): void {
		for (const settled of this.#outbox?.attached(next_n) ?? []) this.#settle(settled);
	}

	detached(): void {
		this.#outbox?.detached();
	}

	/** The server answered command number `n`. */
	answered(n: number, refused: Refusal | null, head: number): void {
		const settled = this.#outbox?.answered(n, refused, head, this.#options.clock());
		if (settled) this.#settle(settled);
		this.#held.value = this.#outbox?.isHeld ?? false;
	}

	/** A refusal that named no command may mean the one under way. */
	troubled(): void {
		this.#outbox?.troubled(this.#options.clock());
	}

	/** Sends what is due; returns when to look again. */
	sendDue(now: number): number | null {
		const { save, say, probe } = this.#options;
		if (this.#outbox === null) return null;
		const due = this.#outbox.poll(now);
		if (due.send !== null) {
			// Stored first: a reload between the two must know that the number may be used.
			save();
			const numbered: { n: number } & Body = { ...due.send.body, n: due.send.n };
			say(numbered);
		}
		if (due.probe) probe();
		return due.again_at;
	}

	/** Callers that still wait receive `unanswered`. */
	stop(unanswered: Refusal): void {
		for (const answer of this.#waiting.values()) answer(unanswered);
		this.#waiting.clear();
		this.#early = [];
	}

	#settle(settled: Settled): void {
		const { command, refused } = settled;
		this.#options.settled(settled);
		this.#options.save();
		const answer = this.#waiting.get(command.id);
		this.#waiting.delete(command.id);
		if (answer !== undefined) answer(refused);
		else if (refused !== null && !isQuiet(command.body, refused)) this.#options.refused(refused);
	}
}

/** The page did it by itself, or it came too late for a board: the person need not be told. */
function isQuiet({ topic, type }: Body, { why }: Refusal): boolean {
	return QUIET.has(type) || (topic === "annotation" && (why === "board_closed" || why === "no_picture"));
}

const QUIET: ReadonlySet<Body["type"]> = new Set(["lobby", "zone", "uploaded", "capture_failed"]);
