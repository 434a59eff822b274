// Cameras that are not there, may not be used, or are two.

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
		`a camera that is ${camera === "none" ? "absent" : camera} is explained, told to the agent, and there is a way on`,
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

story("a busy camera is explained, and trying again helps once it is free", async (stage) => {
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
	assert.equal(await customer.lights("video"), 1, "the first camera's light is out");
	const before = await frames(remote);
	await until("the picture moves", async () => (await frames(remote)) > before + 3);

	await customer.button("Flip camera").tap();
	await until("the agent sees the first camera again", async () => (await tint(remote)) === first);
	// A frame on the way between the two may look like either: what counts is what comes to rest.
	await until("one camera's light is on", async () => (await customer.lights("video")) === 1);
	await until("and it is still the first camera", async () => (await tint(remote)) === first);
});

/**
 * Of which camera the picture is: both are green, and only the second one has yellow corners. Null
 * when it is of neither.
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
