// Sends what is due, and sleeps until something is.

export interface PumpOptions {
	clock: () => number;
	/** The page is attached. */
	isOpen(): boolean;
	/** Each does what is due at a moment, and returns when to be called again. */
	sources: readonly ((now: number) => number | null)[];
}

export class Pump {
	readonly #options: PumpOptions;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(options: PumpOptions) {
		this.#options = options;
	}

	run(): void {
		const { clock, isOpen, sources } = this.#options;
		this.stop();
		if (!isOpen()) return;
		const next = Math.min(...sources.map((source) => source(clock()) ?? Number.POSITIVE_INFINITY));
		if (next !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.run(), Math.max(0, next - clock()) + 1);
	}

	stop(): void {
		clearTimeout(this.#timer);
	}
}
