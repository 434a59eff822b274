// A deployment replaces a relay in the middle of a call, while it carries others.

import assert from "node:assert/strict";
import { House } from "../faults/house.mjs";
import { Neighbours } from "../hostile/programs.mjs";
import { BARS } from "./cards.mjs";
import { frames, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** Other calls on the relay that is stopped. */
const OTHERS = 5;

story(
	"a relay that is stopped hands its call to another relay and exits",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world);
		await shows(agent.remote, BARS);
		const first = (await agent.transport())?.remote;
		const others = await carries(world, agent);
		await world.addsRelay();
		await agent.remote.evaluate((video) => {
			const times = [];
			window.frame_times = times;
			const note = (now) => {
				times.push(now);
				video.requestVideoFrameCallback(note);
			};
			video.requestVideoFrameCallback(note);
		});
		const leaves = world.stopsOldestRelay();
		const since = await frames(agent.remote);
		await until(
			"the agent sees the customer through the other relay",
			async () => (await agent.transport())?.remote !== first && (await frames(agent.remote)) > since + 20,
		);
		await Promise.all([agent.isConnected(), customer.isConnected()]);
		const longest_ms = await agent.page.evaluate(() => {
			const times = window.frame_times;
			return Math.max(...times.slice(1).map((time, at) => time - times[at]));
		});
		// These pages stay until their relay exits, and it waits for them.
		await others.end();
		const took_ms = await leaves;
		console.log(
			`a relay is stopped: it exits after ${Math.round(took_ms)} ms, longest time without a new frame ${Math.round(longest_ms)} ms`,
		);
		assert.ok(took_ms < 110_000, "the relay exits in time");
		assert.ok(longest_ms < 1_000, `no new frame for ${longest_ms} ms`);
		await customer.says("Still here.");
		await agent.reads("Still here.");
	},
	240_000,
);

/** Calls without a browser on the world's relay, each with sound and picture both ways. */
async function carries(world, agent) {
	const cookie = (await agent.context.cookies()).find(({ name }) => name === "__Host-agent");
	const house = new House(world, `${cookie.name}=${cookie.value}`);
	const calls = [];
	for (let call = 0; call < OTHERS; call += 1) {
		const { session, link } = await house.invites();
		calls.push({ session, agent: house.cookie, customer: await house.enters(link) });
	}
	return Neighbours.begin({ base: world.base, calls });
}
