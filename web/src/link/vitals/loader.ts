// Loads the part of the page that looks after a running call, once the page has joined.

import { effect, type ReadonlySignal } from "@preact/signals";
import type { Moment } from "../../wire/generated";
import type { World } from "../world";
import type { Vitals, VitalsOptions } from "./vitals";

export interface VitalsLoaderOptions extends VitalsOptions {
	world: Pick<World, "loadLive">;
	joined: ReadonlySignal<boolean>;
}

export class VitalsLoader {
	#vitals: Vitals | null = null;
	#stopped = false;
	readonly #unwatch: () => void;

	constructor(options: VitalsLoaderOptions) {
		this.#unwatch = effect(() => {
			if (options.joined.value) this.#load(options);
		});
	}

	/** A text of the other page; returns whether it was for this part. */
	heard(text: string): boolean {
		return this.#vitals?.heard(text) ?? false;
	}

	/** How the call ran lately, once a minute. */
	moments(): Moment[] | null {
		return this.#vitals?.moments() ?? null;
	}

	stop(): void {
		this.#stopped = true;
		this.#unwatch();
		this.#vitals?.stop();
	}

	#load(options: VitalsLoaderOptions): void {
		options.world.loadLive().then(
			({ createVitals }) => {
				if (!this.#stopped) this.#vitals ??= createVitals(options);
			},
			() => undefined,
		);
	}
}
