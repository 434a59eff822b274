// Faults while bytes are on their way.

/**
 * Plays a fault once, after a share of an upload that chance names.
 * @param {import("../chance.mjs").Chance} chance
 * @param {(between: (sent: number) => Promise<void>) => Promise<unknown>} uploads
 * @param {() => Promise<number>} fault
 */
export async function within(chance, uploads, fault) {
	const share = chance.between(1, 7) / 8;
	let played = null;
	await uploads(async (sent) => {
		if (played !== null || sent < share) return;
		played = fault();
		await played;
	});
	if (played === null) throw new Error("no bytes were sent");
	return await played;
}
