// Absent, blocked and busy cameras, and two cameras.

import assert from "node:assert/strict";
import { AGENT_HZ } from "./cards.mjs";
import { colours, frames, hears } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

for (const [camera, heading, step] of [
	["denied", "The camera is blocked", /browser blocks the camera/],
	["none", "No camera was found", /device has no camera/],
]) {
	story(
		`a camera that is ${camera === "none" ? "absent" : camera} is explained on both pages, and the customer can go on`,
		async (stage) => {
			const world = await stage.world();
			const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { camera })]);
			await agent.invites();
			await customer.opens((await world.last_sms()).link);
			await customer.button("Join").tap();
			await customer.sees(heading);
			await customer.button("Try again").waitFor();
			await agent.page.getByText(step).first().waitFor();

			await customer.button("Join without camera").tap();
			await customer.isInCall();
			await agent.isInCall();
			await customer.says("I cannot show you anything");
			await agent.reads("I cannot show you anything");
			await customer.closesChat();
			await hears(customer.page, AGENT_HZ);
		},
	);
}

story("a busy camera is explained, and a retry works once it is free", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { script: busyOnce })]);
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.button("Show my camera").tap();
	await customer.sees("The camera is in use");
	await customer.page.evaluate(() => (window.__busy = false));
	await customer.button("Try again").tap();
	await customer.page.getByLabel("Your picture", { exact: true }).waitFor();
	await customer.button("Join").tap();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
});

story("Flip camera shows the other camera on both sides, and flips back", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "two" });
	const remote = agent.page.locator('video[aria-label="Ada"]');
	const first = await until("the agent sees a camera", () => tint(remote));

	await customer.button("Flip camera").tap();
	const second = await until("the agent sees the other camera", async () => {
		const seen = await tint(remote);
		return seen !== first && seen;
	});
	assert.deepEqual([first, second].sort(), ["green", "yellow"]);
	assert.equal(await customer.lights("video"), 1, "the first camera's light is off");
	const before = await frames(remote);
	await until("the picture moves", async () => (await frames(remote)) > before + 3);

	await customer.button("Flip camera").tap();
	await until("the agent sees the first camera again", async () => (await tint(remote)) === first);
	// A frame during the switch may look like either camera, so check again once it is over.
	await until("one camera's light is on", async () => (await customer.lights("video")) === 1);
	await until("the agent still sees the first camera", async () => (await tint(remote)) === first);
});

/**
 * Which camera the picture comes from: both are green, and only the second has yellow corners. Null
 * if it comes from neither.
 */
async function tint(video) {
	const strips = await colours(video, 40, "bottom");
	const [middle, corner] = [strips[20], strips[39]];
	if (middle[1] < middle[0] + 40 || middle[1] < middle[2] + 40) return null;
	return corner[0] > 30 ? "yellow" : "green";
}

/** Runs in the page: another program holds the camera until `__busy` is set to false. */
function busyOnce() {
	window.__busy = true;
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const ask = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = async (constraints) => {
		if (window.__busy && constraints.video) throw new DOMException("Could not start video source", "NotReadableError");
		return ask(constraints);
	};
}
