// Chance from a seed, so that a run can be repeated as far as the machine's timing allows.

/** Random numbers of one run (mulberry32). */
export class Chance {
	#state;

	/** @param {number} seed */
	constructor(seed) {
		this.#state = seed >>> 0;
	}

	/** At least 0 and less than 1. */
	next() {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = this.#state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number from `least` to `most`. */
	between(least, most) {
		return least + Math.floor(this.next() * (most - least + 1));
	}

	/** @template T @param {T[]} list @returns {T} */
	of(list) {
		return list[this.between(0, list.length - 1)];
	}
}
