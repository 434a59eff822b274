// How long people wait for each other: from the tap on Join until the other person's first frame is
// painted, ten times.

import { BARS, STRIPES } from "./cards.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

const RUNS = 10;

story(
	"ten joins, timed from the tap to the first frame of the other person",
	async (stage) => {
		const world = await stage.world();
		const agent = await stage.agent(world, { script: watchFirstFrames });
		const waits = { agent: [], customer: [], camera: [] };
		for (let run = 0; run < RUNS; run += 1) {
			await agent.invites();
			const { link } = await world.last_sms();
			const first = await inLobby(stage, world, link);
			await agent.waitsAt(/In the lobby/);
			await first.button("Join").tap();
			await Promise.all([agent.isInCall(), first.isInCall()]);
			waits.agent.push((await firstFrame(agent)) - (await tapped(first)));
			for (const person of [agent, first]) {
				await until(`${person.who}: media goes over UDP`, async () => (await person.transport())?.protocol === "udp");
			}

			// The agent's camera is off by default: measure from its switch to the customer's
			// screen.
			await agent.switches("Camera", true);
			await shows(first.remote, STRIPES);
			waits.camera.push((await firstFrame(first)) - (await tapped(agent)));

			// With that camera on, a second device that takes the call over gets a first frame too.
			const second = await inLobby(stage, world, link);
			await second.button("Move the call here").tap();
			await second.isInCall();
			await shows(second.remote, STRIPES);
			waits.customer.push((await firstFrame(second)) - (await tapped(second)));

			await second.endsCall();
			await agent.sees("Call ended");
			await Promise.all([first.close(), second.close()]);
			await agent.page.goto("/agent");
			await agent.sees("Start a call");
		}
		console.log(`tap on Join to the agent's first frame: ${summary(waits.agent)}`);
		console.log(`tap on Join to the customer's first frame: ${summary(waits.customer)}`);
		console.log(`tap on the agent's Camera to the customer's first frame: ${summary(waits.camera)}`);
	},
	600_000,
);

/** A customer in the lobby whose camera is on. */
async function inLobby(stage, world, link) {
	const customer = await stage.customer(world, { script: watchFirstFrames });
	await customer.opens(link);
	await customer.field("Your name").fill("Ada");
	await customer.button("Show my camera").tap();
	await shows(customer.page.getByLabel("Your picture", { exact: true }), BARS);
	return customer;
}

/**
 * The time of the person's last tap.
 * @param {import("./people.mjs").Person} person
 * @returns {Promise<number>}
 */
function tapped(person) {
	return person.page.evaluate(() => window.__tapped_at);
}

/** @param {import("./people.mjs").Person} person */
function firstFrame(person) {
	return until(`${person.who} sees a frame`, () => person.page.evaluate(() => window.__first_frame_at));
}

/** @param {number[]} waits */
function summary(waits) {
	const sorted = waits.map(Math.round).sort((a, b) => a - b);
	const middle = sorted[Math.floor((sorted.length - 1) / 2)];
	return `p50 ${middle} ms, max ${sorted.at(-1)} ms (${waits.map(Math.round).join(", ")})`;
}

/**
 * Runs in the page: records the time of the last tap, and when the other person's first frame was
 * painted.
 */
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
