// The networks and the faults that are measured, with what is aimed at.

/**
 * @typedef {import("./figures.mjs").Figures} Figures
 * @typedef {{ what: keyof Figures | string, most?: number, least?: number }} Aim
 *
 * @typedef {object} Cell
 * @property {string} name
 * @property {"customer" | "agent"} place who is on the bad network
 * @property {"steady" | "fault" | "step" | "join"} kind
 * @property {{ up?: object, down?: object }} [weather] from before the tap on Join
 * @property {Aim[]} aims
 * @property {(place: import("./place.mjs").Shaped) => Promise<unknown>} [begins] of a fault
 * @property {(place: import("./place.mjs").Shaped) => Promise<unknown>} [ends]
 * @property {number} [lasts_ms] of a fault
 * @property {boolean} [warm] of a join: the name was tapped before
 * @property {boolean} [speaks] the voice of the person on the bad network is measured at the other
 */

const least = (what, value) => ({ what, least: value });
const most = (what, value) => ({ what, most: value });
const made_up = { 5: 0.5, 10: 1.5, 20: 5 };

/** @returns {Cell} */
function steady(name, place, weather, ...aims) {
	return { name, place, kind: "steady", weather, aims };
}

/** Loss towards or from a person. */
function lossy(direction, percent) {
	const place = direction === "up" ? "customer" : "agent";
	const way = direction === "up" ? "up" : "down";
	const aims = [most("made_up_percent", made_up[percent])];
	if (percent === 20) aims.push(least("fps", 10), most("longest_ms", 1000));
	return steady(`${direction}-loss-${percent}`, place, { [way]: { loss_percent: percent } }, ...aims);
}

/** Loss and delay both ways. */
function far(percent, freezes) {
	const way = { loss_percent: percent, delay_ms: 40 };
	return steady(`loss-${percent}-40ms`, "customer", { up: way, down: way }, most("freezes", freezes));
}

/** @returns {Cell} */
function blackout(seconds, back_ms) {
	return {
		name: `blackout-${seconds}s`,
		place: "customer",
		kind: "fault",
		lasts_ms: seconds * 1000,
		begins: (place) => place.weather({ up: { cut: true }, down: { cut: true } }),
		ends: (place) => place.weather({ up: {}, down: {} }),
		aims: [most("back_ms", back_ms)],
	};
}

/** @returns {Cell} */
function once(name, begins, weather) {
	return { name, place: "customer", kind: "fault", lasts_ms: 0, weather, begins, aims: [most("back_ms", 1500)] };
}

/** @returns {Cell} */
function step(place) {
	const way = place === "customer" ? "up" : "down";
	return {
		name: `step-${place}`,
		place,
		kind: "step",
		weather: { [way]: { rate_kbit: 2000 } },
		lasts_ms: 30_000,
		begins: (shaped) => shaped.weather({ [way]: { rate_kbit: 300 } }),
		ends: (shaped) => shaped.weather({ [way]: { rate_kbit: 2000 } }),
		aims: [most("fall_longest_ms", 1000), most("rate_back_ms", place === "agent" ? 6000 : 12_000)],
	};
}

/**
 * Join is the first tap, or (warm) comes 5 s after the name was tapped.
 * @returns {Cell}
 */
function joining(name, delay_ms, rate_kbit, aims) {
	const way = { delay_ms, rate_kbit };
	const warm = name.startsWith("join-warm-");
	return { name, place: "customer", kind: "join", weather: { up: way, down: way }, aims, warm };
}

const rate = (rate_kbit, queue_ms) => (queue_ms === undefined ? { rate_kbit } : { rate_kbit, queue_ms });

/** @type {Cell[]} */
export const CELLS = [
	steady("clean", "customer", {}, least("fps", 25), most("freezes", 0)),
	...["up", "view"].flatMap((direction) => [5, 10, 20].map((percent) => lossy(direction, percent))),
	steady("up-burst-5", "customer", { up: { burst_percent: 5 } }),
	steady("view-burst-5", "agent", { down: { burst_percent: 5 } }),
	far(5, 1),
	far(10, 3),
	steady("jitter-50", "customer", { up: { jitter_ms: 50 }, down: { jitter_ms: 50 } }),
	steady("overtaking-20", "customer", { up: { jitter_ms: 20, overtaking: true } }),
	steady("reorder-5", "customer", { up: { reorder_percent: 5 } }),
	steady("duplicate-5", "customer", { up: { duplicate_percent: 5 } }),
	steady("view-400k", "agent", { down: rate(400) }, least("fps", 15), most("frozen_percent", 1)),
	steady("up-300k", "customer", { up: rate(300) }, least("fps", 12)),
	steady("up-300k-bloat", "customer", { up: rate(300, 1500) }, least("fps", 12), most("waited_ms", 300)),
	steady("up-250k", "customer", { up: rate(250) }, least("fps", 10)),
	steady("up-150k", "customer", { up: rate(150) }, most("longest_ms", 10_000), most("made_up_percent", 1)),
	step("customer"),
	step("agent"),
	...[1, 3, 5, 8, 12].map((seconds) => blackout(seconds, 600)),
	blackout(15, 1500),
	once("nat", (place) => place.weather({ up: {}, down: {}, rebind: true })),
	once("address", async (place) => place.moves()),
	{ ...once("udp-dropped", (place) => place.weather({ up: { no_udp: true }, down: { no_udp: true } })), aims: [] },
	joining("join-clean", 0, 0, []),
	joining("join-150", 75, 0, [most("join_trips", 8)]),
	joining("join-300", 150, 0, [most("join_trips", 8), most("lobby_trips", 4.5)]),
	joining("join-300k", 50, 300, [most("lobby_ms", 3000)]),
	joining("join-warm-clean", 0, 0, []),
	joining("join-warm-150", 75, 0, [most("join_trips", 2)]),
	joining("join-warm-300", 150, 0, [most("join_trips", 2)]),
];
