// How long the two wait for each other: from the tap on Join to the first frame of the other person that is painted, ten times.

import { BARS, STRIPES } from "./cards.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

const RUNS = 10;

story("ten joins, timed from the tap to the first frame of the other person", async (stage) => {
	const world = await stage.world();
	const agent = await stage.agent(world, { script: watchFirstFrames });
	const waits = { agent: [], customer: [] };
	for (let run = 0; run < RUNS; run += 1) {
		await agent.invites();
		const customer = await stage.customer(world, { script: watchFirstFrames });
		await customer.opens((await world.last_sms()).link);
		await customer.field("Your name").fill("Ada");
		await customer.button("Show my camera").tap();
		await shows(customer.page.getByLabel("Your picture", { exact: true }), BARS);
		await agent.waitsAt(/In the lobby/);
		await customer.button("Join").tap();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		const tapped = await customer.page.evaluate(() => window.__tapped_at);
		waits.agent.push((await firstFrame(agent)) - tapped);

		// The agent's camera is off by default. Turning it on shows what the way to the customer takes.
		await agent.switches("Camera", true);
		const switched = await agent.page.evaluate(() => window.__tapped_at);
		await shows(customer.remote, STRIPES);
		waits.customer.push((await firstFrame(customer)) - switched);

		await customer.endsCall();
		await agent.sees("Call ended");
		await customer.close();
		await agent.page.goto("/agent");
		await agent.sees("Start a call");
	}
	console.log(`tap on Join to the agent's first frame:              ${summary(waits.agent)}`);
	console.log(`tap on the agent's Camera to the customer's first frame: ${summary(waits.customer)}`);
}, 600_000);

/** @param {import("./people.mjs").Person} person */
function firstFrame(person) {
	return until(`${person.who} has seen a frame`, () => person.page.evaluate(() => window.__first_frame_at));
}

/** @param {number[]} waits */
function summary(waits) {
	const sorted = waits.map(Math.round).sort((a, b) => a - b);
	const middle = sorted[Math.floor((sorted.length - 1) / 2)];
	return `p50 ${middle} ms, max ${sorted.at(-1)} ms (${waits.map(Math.round).join(", ")})`;
}

/** Runs in the page: when the last button was tapped, and when the other person's first frame was painted. */
function watchFirstFrames() {
	window.__tapped_at = 0;
	window.__first_frame_at = 0;
	const epoch = (at) => performance.timeOrigin + at;
	addEventListener("click", (event) => (window.__tapped_at = epoch(event.timeStamp)), { capture: true });
	const watched = new WeakSet();
	const look = () => {
		for (const video of document.querySelectorAll("video:not([aria-label='Your picture'])")) {
			if (watched.has(video)) continue;
			watched.add(video);
			video.requestVideoFrameCallback((now) => (window.__first_frame_at ||= epoch(now)));
		}
		requestAnimationFrame(look);
	};
	look();
}
