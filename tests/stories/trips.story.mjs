// Counts the round trips to the server that a customer waits for: from the link to the lobby, and
// from the first tap, on Join, to the agent's first picture. Media takes the short way here, so its
// own trips do not count: `make network CELLS=join` has those.

import assert from "node:assert/strict";
import { BARS } from "./cards.mjs";
import { shows } from "./senses.mjs";
import { SlowWay } from "./slow-way.mjs";
import { story } from "./stage.mjs";

/** Long, so that a busy machine is a small part of it. */
const TRIP_MS = 1_000;
/** Connection and page; the page's files, and beside them what the link leads to. */
const LOBBY_TRIPS = 4;
/** The seat's cookie; the socket's connection and handshake; the offer with the first message. */
const JOIN_TRIPS = 4;
const NOISE_TRIPS = 0.9;
/** Far calls on a machine so busy that the first ones are beyond the limit. */
const CALLS = 6;

story("lobby and join take as many round trips as they must", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world);
	const near = await joins(stage, world, agent, 0);
	// Noise only adds: the quickest call of some has the least.
	let [lobby, join] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
	for (let call = 0; call < CALLS; call += 1) {
		const far = await joins(stage, world, agent, TRIP_MS);
		lobby = Math.min(lobby, (far.lobby_ms - near.lobby_ms) / TRIP_MS);
		join = Math.min(join, (far.join_ms - near.join_ms) / TRIP_MS);
		if (lobby <= LOBBY_TRIPS + NOISE_TRIPS && join <= JOIN_TRIPS + NOISE_TRIPS) break;
	}
	console.log(`round trips: ${lobby.toFixed(1)} to the lobby, ${join.toFixed(1)} to the first picture`);
	assert.ok(lobby <= LOBBY_TRIPS + NOISE_TRIPS, `${lobby} round trips to the lobby`);
	assert.ok(join <= JOIN_TRIPS + NOISE_TRIPS, `${join} round trips to the first picture`);
});

/** A call of a customer who is this far away. Returns what both waited for. */
async function joins(stage, world, agent, trip_ms) {
	const way = await SlowWay.of(trip_ms);
	try {
		await agent.invites();
		const { link } = await world.last_sms();
		const customer = await stage.customer(world, { flags: way.flags });
		const opened_at = Date.now();
		await customer.page.goto(link, { waitUntil: "commit" });
		await customer.button("Join").waitFor();
		const lobby_ms = Date.now() - opened_at;
		await customer.field("Your name").fill("Ada");
		// What loads beside the lobby has come.
		await customer.page.waitForLoadState("networkidle");
		const tapped_at = Date.now();
		await customer.button("Join").tap();
		await shows(agent.remote, BARS);
		const join_ms = Date.now() - tapped_at;
		await customer.endsCall();
		await agent.sees("Call ended");
		await customer.close();
		await agent.page.goto("/agent");
		await agent.sees("Start a call");
		return { lobby_ms, join_ms };
	} finally {
		way.end();
	}
}
