// Loads parts of a page that are needed later.

/**
 * Loads a chunk when it is first needed, and tries this often again when the network failed. A
 * later call starts over.
 */
export function onceLoaded<Chunk>(load: () => Promise<Chunk>, tries = WAITS_MS.length): () => Promise<Chunk> {
	let loading: Promise<Chunk> | null = null;
	return () => {
		loading ??= attempted(load, tries).catch((error: unknown) => {
			loading = null;
			throw error;
		});
		return loading;
	};
}

async function attempted<Chunk>(load: () => Promise<Chunk>, tries: number): Promise<Chunk> {
	for (let failed = 0; failed < tries; failed += 1) {
		try {
			return await load();
		} catch {
			await new Promise((resolve) => setTimeout(resolve, WAITS_MS[failed] ?? LONGEST_MS));
		}
	}
	return load();
}

const WAITS_MS = [500, 1_000, 2_000, 4_000];
const LONGEST_MS = 4_000;
