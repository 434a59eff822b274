// Loads the files of later parts. The build turns each `import()` into a call of `load` (see
// `web/later-files.ts`). Firefox answers a second import of a lost script from memory, also where
// another script imports it, so each further try asks at another address. A file that has come is
// not loaded again, so that no module exists twice.

export type Module = Readonly<Record<string, unknown>>;

/** The browser, as far as loading needs it; a test gives another. */
export interface Loads {
	script(address: string): Promise<Module>;
	style(address: string): Promise<void>;
	/** Starts loading a script that `script` will ask for. Failures do not matter. */
	hint(address: string): void;
}

export class Files {
	readonly #loads: Loads;
	readonly #coming = new Map<string, Promise<unknown>>();
	readonly #losses = new Map<string, number>();
	readonly #modules = new Map<string, Module>();

	constructor(loads: Loads) {
		this.#loads = loads;
	}

	/**
	 * Loads a script after the later scripts that it imports and its styles. Rejects if one of them
	 * is lost; the next call asks for that one again.
	 */
	async load(file: string, imports: readonly string[], styles: readonly string[]): Promise<Module> {
		const missing = [...styles, ...imports, file].filter((one) => !this.#coming.has(one));
		// One alone is loaded at once.
		if (missing.length > 1) for (const one of missing) if (!styles.includes(one)) this.#loads.hint(one);
		await Promise.all(styles.map((style) => this.#once(style, (address) => this.#loads.style(address))));
		for (const script of imports) await this.#script(script);
		return this.#script(file);
	}

	/** A script that another one imports; `load` has loaded it before. */
	module(file: string): Module {
		const module = this.#modules.get(file);
		if (module === undefined) throw new Error(`${file} is not loaded`);
		return module;
	}

	async #script(file: string): Promise<Module> {
		const module = await this.#once(file, (address) => this.#loads.script(address));
		this.#modules.set(file, module);
		return module;
	}

	#once<Came>(file: string, load: (address: string) => Promise<Came>): Promise<Came> {
		const coming = this.#coming.get(file) as Promise<Came> | undefined;
		if (coming !== undefined) return coming;
		const losses = this.#losses.get(file) ?? 0;
		const loading = load(losses === 0 ? file : `${file}?again=${losses}`);
		this.#coming.set(file, loading);
		loading.catch(() => {
			this.#losses.set(file, losses + 1);
			this.#coming.delete(file);
		});
		return loading;
	}
}

const browser: Loads = {
	script: (address) => import(/* @vite-ignore */ address),
	style: (address) =>
		new Promise((resolve, reject) => {
			// What one page loads later may be in the markup of another one.
			if (document.querySelector(`link[rel="stylesheet"][href="${address}"]`) !== null) return resolve();
			const link = linkTo(address, "stylesheet");
			link.onload = () => resolve();
			link.onerror = () => {
				link.remove();
				reject(new Error(`${address} is lost`));
			};
		}),
	hint: (address) => void linkTo(address, "modulepreload"),
};

function linkTo(address: string, rel: string): HTMLLinkElement {
	const link = document.createElement("link");
	link.rel = rel;
	link.href = address;
	link.crossOrigin = "";
	document.head.append(link);
	return link;
}

declare global {
	/** What the built scripts call. */
	var sightlineFiles: Files;
}

globalThis.sightlineFiles = new Files(browser);
