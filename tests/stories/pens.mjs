// How people draw: with fingers on a phone, through the browser's touch input, and with a mouse at
// a desktop.

import { FirefoxPage } from "./firefox.mjs";

/**
 * @typedef {[number, number]} Spot CSS pixels on the page
 * @typedef {import("./people.mjs").Person} Person
 * @typedef {"touchStart" | "touchMove" | "touchEnd" | "touchCancel"} TouchType
 */

/** A hand whose number of fingers is the number of spots given. */
export class Fingers {
	#touch;

	/** @param {(type: TouchType, spots: Spot[]) => Promise<void>} touch */
	constructor(touch) {
		this.#touch = touch;
	}

	/** @param {Person} person */
	static async of(person) {
		if (person.page instanceof FirefoxPage) return new Fingers(person.page.touch);
		const session = await person.context.newCDPSession(person.page);
		return new Fingers(async (type, spots) => {
			const touchPoints = spots.map(([x, y], id) => ({ x, y, id }));
			await session.send("Input.dispatchTouchEvent", { type, touchPoints });
		});
	}

	/** @param {Spot[]} spots of all fingers that are down, old and new */
	async down(...spots) {
		await this.#touch("touchStart", spots);
	}

	/** @param {Spot[]} spots of all fingers that are down */
	async move(...spots) {
		await this.#touch("touchMove", spots);
	}

	/** Lifts all other fingers. @param {Spot[]} spots of the fingers that stay down */
	async up(...spots) {
		await this.#touch("touchEnd", spots);
	}

	/** The system cancels the touch, as for an incoming call or a system gesture. */
	async cancel() {
		await this.#touch("touchCancel", []);
	}

	/** Draws along a path with one finger. @param {Spot[]} path */
	async draws(path) {
		await this.begins(path);
		await this.up();
	}

	/** Draws along a path and leaves the finger down. @param {Spot[]} path */
	async begins(path) {
		const spots = steps(path);
		await this.down(spots[0]);
		for (const spot of spots.slice(1)) await this.move(spot);
	}

	/** Continues a stroke. @param {Spot[]} path from the finger's current spot */
	async goesOn(path) {
		for (const spot of steps(path).slice(1)) await this.move(spot);
	}

	/** @param {Spot} spot */
	async taps(spot) {
		await this.down(spot);
		await this.up();
	}

	/**
	 * Moves two fingers from two spots to two others.
	 * @param {[Spot, Spot]} from
	 * @param {[Spot, Spot]} to
	 */
	async pinches(from, to) {
		await this.down(from[0]);
		await this.down(...from);
		const [one, other] = [steps([from[0], to[0]]), steps([from[1], to[1]])];
		const count = Math.max(one.length, other.length);
		for (let at = 1; at < count; at += 1) {
			await this.move(one[Math.min(at, one.length - 1)], other[Math.min(at, other.length - 1)]);
		}
		await this.up(to[0]);
		await this.up();
	}
}

export class Mouse {
	/** @param {Person} person */
	constructor(person) {
		this.mouse = person.page.mouse;
	}

	/** @param {Spot[]} path */
	async draws(path) {
		await this.begins(path);
		await this.up();
	}

	/** @param {Spot[]} path */
	async begins(path) {
		await this.mouse.move(...path[0]);
		await this.mouse.down();
		await this.goesOn(path);
	}

	/** @param {Spot[]} path */
	async goesOn(path) {
		for (const spot of steps(path).slice(1)) await this.mouse.move(...spot);
	}

	async up() {
		await this.mouse.up();
	}
}

/** A move every few pixels, as a hand makes. @param {Spot[]} path @returns {Spot[]} */
function steps(path) {
	return path.flatMap((to, at) => {
		const from = path[at - 1];
		if (from === undefined) return [to];
		const count = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP_PX));
		return Array.from({ length: count }, (_, step) => {
			const part = (step + 1) / count;
			return /** @type {Spot} */ ([from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part]);
		});
	});
}

const STEP_PX = 8;
