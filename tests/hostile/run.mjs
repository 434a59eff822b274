// Plays a hostile guest against a running Sightline while calls go on beside, and prints a table:
//
//     node tests/hostile/run.mjs desk|gateway [part of an attack's name]
//
// CALLS is how many calls go on (20 on the desk, 5 through the gateway), SECONDS how long each
// attack lasts (10). TOGETHER=1 plays all attacks at once, and judges no delays: that is for CI.
// It fails when calls lose packets, sockets or transports, when memory or the log grows beyond its
// limit, or when an attack delays packets by more than 5 ms.

import { setTimeout as pause } from "node:timers/promises";
import { ATTACKS, judged } from "./attacks.mjs";
import { attacked, Neighbours } from "./programs.mjs";
import { table } from "./table.mjs";

const TOGETHER = process.env.TOGETHER === "1";
const SECONDS = Number(process.env.SECONDS ?? 10);
/** Between two attacks, until what the last one left behind has gone. */
const CALM_MS = TOGETHER ? 500 : 2_000;

const [where = "desk", wanted = ""] = process.argv.slice(2);
const { open } =
	where === "desk"
		? { open: (await import("./desk.mjs")).DeskPlace.open }
		: { open: (await import("./gateway.mjs")).GatewayPlace.open };
const calls_count = Number(process.env.CALLS ?? (where === "desk" ? 20 : 5));

const place = await open();
try {
	process.exitCode = (await tell()) ? 0 : 1;
} finally {
	await place.close();
}

async function tell() {
	const calls = [];
	for (let n = 0; n < calls_count; n += 1) calls.push(await place.call());
	const slots = await place.slots();
	const neighbours = await Neighbours.begin({ base: place.base, calls });
	const target = {
		base: place.base,
		shared_session: calls[0].session,
		shared_cookie: calls[0].guest,
		victim: neighbours.customers_at[0],
		slots,
	};
	const attacks = ATTACKS.filter((attack) => attack.on.includes(where) && attack.name.includes(wanted));
	const rows = [];
	const rounds = TOGETHER ? [attacks] : attacks.map((attack) => [attack]);
	for (const round of rounds) rows.push(...(await played(round, neighbours, target)));
	await neighbours.end();
	console.log(table(where, calls_count, rows));
	let failed = 0;
	for (const row of rows) {
		const wrong = judged(row, { delays: !TOGETHER });
		for (const what of wrong) console.log(`${row.name}: ${what}`);
		if (wrong.length > 0) failed += 1;
	}
	console.log(`\nhostile: ${rows.length - failed} passed, ${failed} failed`);
	return failed === 0 && rows.length > 0;
}

/** Measures without the attacks, then with them. */
async function played(round, neighbours, target) {
	const names = round.map((attack) => attack.name);
	const guests = [];
	for (const _ of round) guests.push(await place.call());
	const before = await measured(neighbours);
	const [memory, lines] = [place.memory(), lineCount()];
	const attackers = round.map(({ key }, at) => {
		const { session, customer } = guests[at];
		return attacked(key, { ...target, session, cookie: customer, seconds: SECONDS });
	});
	const during = await measured(neighbours);
	const did = await Promise.all(attackers);
	const row = {
		name: TOGETHER ? "all at once" : names[0],
		did: TOGETHER ? did.map((one, at) => `${round[at].key}: ${one}`).join("; ") : did[0],
		before,
		during,
		memory,
		grown: place.memory() - memory,
		lines: lineCount() - lines,
	};
	console.log(`${row.name}: ${row.did}`);
	await pause(CALM_MS);
	return [row];
}

async function measured(neighbours) {
	const pictures = place.pictures;
	const noticed = await neighbours.measure(SECONDS);
	return { ...noticed, pictures: place.pictures - pictures };
}

function lineCount() {
	return place.log.split("\n").length - 1;
}
