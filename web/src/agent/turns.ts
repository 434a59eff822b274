// Requests of a screen that may overlap, whose answers come in any order.

/** Tells the newest request from those before it: only its answer is to be shown. */
export class Turns {
	#newest = 0;

	/** Begins a request. The result says whether it is still the newest one. */
	begin(): () => boolean {
		this.#newest += 1;
		const own = this.#newest;
		return () => own === this.#newest;
	}
}
