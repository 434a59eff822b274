// A weak network that loses the files which a page loads during the call.

/**
 * Aborts the requests of each later file until some time after the first one.
 * @param {import("./people.mjs").Person} person
 * @param {number} lost_ms
 * @returns {Promise<Map<string, number>>} the time of the first request by path
 */
export async function losesLaterFiles(person, lost_ms) {
	const first = await firstFiles(person.world.base);
	const since = new Map();
	await person.loses((url) => {
		const { pathname } = new URL(url);
		if (!pathname.startsWith("/assets/") || first.has(pathname)) return false;
		if (!since.has(pathname)) since.set(pathname, Date.now());
		return Date.now() - since.get(pathname) < lost_ms;
	});
	return since;
}

/** The names of lost files, without what the bundler adds. @param {Map<string, number>} lost */
export function namesOf(lost) {
	return [...lost.keys()].map((path) => path.replace(/^\/assets\/(.+)-.{8}(\.\w+)$/, "$1$2"));
}

/** The files that the pages name themselves. */
async function firstFiles(base) {
	const pages = await Promise.all(["/j", "/agent"].map(async (path) => (await fetch(base + path)).text()));
	return new Set(pages.flatMap((page) => page.match(/\/assets\/[^"]+/g) ?? []));
}
