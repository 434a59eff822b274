// What the server says, passed to the parts of the call that it concerns.

import { batch } from "@preact/signals";
import type { Settled } from "../../session/outbox";
import type { Event, Presence, Refusal, ToPage } from "../../wire/generated";
import type { PausedPart } from "../call";
import type { CallParts } from "../parts";
import { OVER } from "./refusals";
import type { Attached } from "./socket";

export class Inbox {
	readonly #parts: CallParts;
	#attached_before = false;
	/** The log's head when the server gave this page the seat; 0 while that is not known. */
	#seated_at = 0;

	constructor(parts: CallParts) {
		this.#parts = parts;
	}

	attached(answer: Attached): void {
		const { signals, attachment, history, commands, peer, lifecycle, sharing, world, pump } = this.#parts;
		const had_joined = signals.joined.peek();
		// It may have been sent on a second connection before `join` was answered on the first.
		const older = answer.head < this.#seated_at;
		const holds_seat = answer.holds_seat || older;
		const held_elsewhere = answer.held_elsewhere && !older;
		batch(() => {
			attachment.markAttached();
			this.#otherIs(answer.other_here);
			signals.joined.value = holds_seat;
			signals.heldElsewhere.value = held_elsewhere;
		});
		if (had_joined && held_elsewhere) {
			this.#parts.halt({ why: "moved" });
			return;
		}
		history.attached(answer.head);
		commands.attached(answer.next_n);
		peer.setJoined(holds_seat);
		peer.socketAttached(answer.offered);
		lifecycle.attached();
		sharing.attached();
		this.#restoreDevices(holds_seat);
		world.versionFits();
		this.complete();
		pump.run();
	}

	heard(message: ToPage): void {
		const { session, signals, peer, lifecycle, sharing, pump } = this.#parts;
		if (message.session !== undefined && message.session !== session) return;
		peer.socketHeard();
		switch (message.topic) {
			case "signaling":
				if (message.type === "presence") signals.otherPaused.value = pausedPart(message);
				else peer.heard(message);
				return;
			case "chat":
				if (message.type === "typing") lifecycle.typingSeen();
				return;
			case "annotation":
				sharing.heardText(JSON.stringify(message.passing));
				return;
			case "screenshots":
				sharing.heard(message);
				return;
			case "session":
				this.#heardSession(message);
				pump.run();
		}
	}

	/** An event was folded into the view. */
	applied(event: Event): void {
		const { seat, signals, lifecycle, sharing } = this.#parts;
		sharing.applied(event);
		if (event.type === "said" && event.seat !== seat) lifecycle.typingOver();
		const taken = (event.type === "joined" || event.type === "moved") && event.seat === seat;
		if (taken && signals.ready.peek()) this.#seatTaken();
	}

	/** The view may have reached the head of the attachment. */
	complete(): void {
		const { signals, attachment, history } = this.#parts;
		if (signals.ready.peek() || attachment.unattached.peek() !== null || !history.isComplete) return;
		signals.ready.value = true;
	}

	/** A command is answered. */
	settled({ command, refused, head }: Settled): void {
		const { signals, attachment, history, peer, sharing } = this.#parts;
		const { body, id } = command;
		sharing.settled({ command, refused, head: head ?? history.known });
		if (body.type === "say") history.settleLine(id, refused, head);
		if (body.type === "join" && refused === null) {
			batch(() => {
				signals.joined.value = true;
				signals.heldElsewhere.value = false;
			});
			if (attachment.memory !== null) attachment.memory.joined = true;
			this.#seated_at = head ?? 0;
			peer.setJoined(true);
		}
		if (body.type !== "end") return;
		// Accepted, or over already: the log says so in a moment. If the answer was lost, it is not
		// known whether the log will.
		if (refused === null ? head === null : !OVER.has(refused.why)) signals.ending.value = false;
	}

	#heardSession(message: Extract<ToPage, { topic: "session" }>): void {
		const { seat, history, commands } = this.#parts;
		switch (message.type) {
			case "events":
				history.take(message.events, message.head, message.more);
				return;
			case "pong":
				history.heard(message.head);
				return;
			case "done": {
				history.heard(message.head);
				const refused = message.refused ?? null;
				commands.answered(message.n, refused, message.head);
				if (refused !== null) this.#obey(refused);
				return;
			}
			case "refused":
				this.#obey(message);
				if (!OBEYED.has(message.why)) commands.troubled();
				return;
			case "moved":
				this.#parts.halt({ why: "moved" });
				return;
			case "renewed":
				this.#parts.halt({ why: "renewed" });
				return;
			case "connection":
				if (message.seat !== seat) this.#otherConnection(message.here);
				return;
			case "guest":
				if (message.seat !== seat) this.#parts.signals.otherShared.value = true;
		}
	}

	#otherConnection(here: boolean): void {
		const { signals, lifecycle, sharing } = this.#parts;
		batch(() => {
			this.#otherIs(here);
			// A page that comes (back) says again whether it is paused.
			signals.otherPaused.value = null;
		});
		if (here) lifecycle.attached();
		else sharing.otherGone();
	}

	#otherIs(here: boolean): void {
		const { signals, world } = this.#parts;
		signals.otherHere.value = here;
		signals.otherUnattached.value = here ? null : (signals.otherUnattached.peek() ?? world.clock());
	}

	/** Refusals that concern the connection, whichever command they answer. */
	#obey(refused: Refusal): void {
		const { signals, attachment } = this.#parts;
		if (refused.why === "no_seat") this.#parts.halt({ why: "no_seat" });
		else if (refused.why === "moved") {
			// A page that never held the seat did not lose it.
			if (signals.joined.peek()) this.#parts.halt({ why: "moved" });
			else signals.heldElsewhere.value = true;
		} else if (refused.why === "not_attached") attachment.attachAgain();
	}

	/** Another page took the seat while this one waits in the lobby, unless it was this page. */
	#seatTaken(): void {
		const { signals, commands } = this.#parts;
		if (!commands.isUnderWay("join") && !signals.joined.peek()) signals.heldElsewhere.value = true;
	}

	#restoreDevices(holds_seat: boolean): void {
		const { attachment, ownMedia } = this.#parts;
		const { memory } = attachment;
		if (!this.#attached_before && holds_seat && memory !== null) void ownMedia.restore(memory);
		this.#attached_before = true;
	}
}

function pausedPart({ paused, camera }: Presence): PausedPart | null {
	if (!paused) return null;
	return camera ? "camera" : "page";
}

/** Handled by `#obey`, or of a kind that waiting does not change. */
const OBEYED: ReadonlySet<Refusal["why"]> = new Set(["no_seat", "moved", "not_attached", "call_ended", "not_joined"]);
