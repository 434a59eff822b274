// A deployment replaces a relay in the middle of a call.

import assert from "node:assert/strict";
import { BARS } from "./cards.mjs";
import { frames, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story(
	"a relay that is stopped hands its call to another relay and exits",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world);
		await shows(agent.remote, BARS);
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
		const took_ms = await world.stopsOldestRelay();
		const since = await frames(agent.remote);
		await until(
			"the agent sees the customer through the other relay",
			async () => (await frames(agent.remote)) > since + 20,
		);
		await Promise.all([agent.isConnected(), customer.isConnected()]);
		const longest_ms = await agent.page.evaluate(() => {
			const times = window.frame_times;
			return Math.max(...times.slice(1).map((time, at) => time - times[at]));
		});
		console.log(
			`a relay is stopped: it exits after ${Math.round(took_ms)} ms, longest time without a new frame ${Math.round(longest_ms)} ms`,
		);
		assert.ok(took_ms < 110_000, "the relay exits in time");
		assert.ok(longest_ms < 5_000, `no new frame for ${longest_ms} ms`);
		await customer.says("Still here.");
		await agent.reads("Still here.");
	},
	240_000,
);
