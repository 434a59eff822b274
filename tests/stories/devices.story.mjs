// Absent, blocked and busy cameras, and two cameras.

import assert from "node:assert/strict";
import { AGENT_HZ } from "./cards.mjs";
import { choosesAPicture } from "./elsewhere.mjs";
import { LARGE_TEXT, photograph } from "./pictures.mjs";
import { colours, frames, hears, moves } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

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
			if (camera === "none") await choosesAPicture(world, agent, customer);
		},
	);
}

story(
	"a customer who goes on without a camera before the server has given the seat joins all the same",
	async (stage) => {
		const world = await stage.world();
		const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world, { camera: "denied" })]);
		await agent.invites();
		let giveTheSeat;
		const chosen = new Promise((resolve) => (giveTheSeat = resolve));
		await customer.context.route("**/api/enter", async (route) => {
			await chosen;
			await route.continue();
		});
		await customer.opens((await world.last_sms()).link);
		await customer.button("Join").tap();
		await customer.sees("The camera is blocked");
		// The page waits for the customer, and says nothing else.
		await becomes("what the page waits for", () => customer.page.getByText("Joining…").count(), 0);
		await customer.button("Join without camera").tap();
		await customer.page.getByText("Joining…").waitFor();
		giveTheSeat();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
	},
);

story("in the web view of an app that has no camera, both lobby and call name the way out", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([
		stage.agent(world),
		stage.customer(world, { camera: "denied", script: webView }),
	]);
	await agent.invites();
	const { link } = await world.last_sms();
	await customer.opens(link);
	await customer.button("Join").tap();
	await customer.sees("Please open this page in Safari");
	await customer.button("Continue here anyway").tap();
	await customer.button("Join without camera").tap();
	await customer.isInCall();
	await customer.button("Camera").tap();
	await customer.sees("The camera is blocked");
	await photograph(customer, "customer-blocked-in-app", LARGE_TEXT);
	await becomes("the link to copy", () => customer.field("Copy link").inputValue(), link);
	await customer.button("Copy link").waitFor();
	await customer.button("Close").tap();
	await customer.isInCall();
});

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
	const first = await until("the agent sees a camera", () => tintThatStays(remote));

	await customer.button("Flip camera").tap();
	const second = await until("the agent sees the other camera", async () => {
		const seen = await tintThatStays(remote);
		return seen !== first && seen;
	});
	assert.deepEqual([first, second].sort(), ["green", "yellow"]);
	// The first camera's light is off.
	await becomes("the number of lights", () => customer.lights("video"), 1);
	const before = await frames(remote);
	await until("the picture moves", async () => (await frames(remote)) > before + 3);

	await customer.button("Flip camera").tap();
	await until("the agent sees the first camera again", async () => (await tintThatStays(remote)) === first);
	await becomes("the number of lights", () => customer.lights("video"), 1);
});

const BACK_MS = 3_000;

story("a camera that fails as phones do shows again within 3 s, and both pages say what is so", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { script: failsAsPhonesDo });
	const fails = (how) => customer.page.evaluate((next) => (window.__fails = next), how);
	const remote = agent.page.locator('video[aria-label="Ada"]');
	const shows = async (what) => {
		const before = await frames(remote);
		await until(`the agent sees ${what}`, async () => (await frames(remote)) > before + 3);
		await becomes("the number of lights", () => customer.lights("video"), 1);
		await becomes("the camera's button", () => customer.button("Camera").getAttribute("aria-pressed"), "true");
	};

	for (const how of ["after a stop", "when large"]) {
		let took = Number.POSITIVE_INFINITY;
		// A busy machine only adds to it.
		for (let again = 0; again < 3 && took >= BACK_MS; again += 1) {
			await fails(how);
			await customer.switches("Camera", false);
			await until("the light is off", async () => (await customer.lights("video")) === 0);
			const from = Date.now();
			await customer.switches("Camera", true);
			took = Math.min(took, Date.now() - from);
		}
		assert.ok(took < BACK_MS, `${how}: ${took} ms`);
		await shows(`a camera that fails ${how}`);
	}
	await fails("by dying");
	await customer.switches("Camera", false);
	await customer.switches("Camera", true);
	await until("the dead camera was requested again", () => customer.page.evaluate(() => window.__fails === null));
	await shows("the camera again");

	await customer.page.evaluate(() => window.__mute(true));
	await Promise.all([agent.isConnected(/paused/i), customer.isConnected(/paused/i)]);
	await agent.page.getByText("“Ada”’s phone has paused the camera.", { exact: false }).waitFor();
	await customer.page.getByText("Your phone has paused the camera.", { exact: false }).waitFor();
	await customer.page.evaluate(() => window.__mute(false));
	await Promise.all([agent.isConnected(), customer.isConnected()]);
	await shows("the camera after the pause");
});

story("of two rear lenses the main one shows first, and the button shows the other", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, { camera: "two", script: namesLenses });
	const remote = agent.page.locator('video[aria-label="Ada"]');
	await until("the agent sees the main lens", async () => (await tint(remote)) === "yellow");
	await customer.button("Change lens").tap();
	await until("the agent sees the other lens", async () => (await tint(remote)) === "green");
	await becomes("the number of lights", () => customer.lights("video"), 1);
});

/** A frame during a switch, or the first one of a call, may look like either camera. */
async function tintThatStays(video) {
	const seen = await tint(video);
	await moves(video);
	return (await tint(video)) === seen && seen;
}

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

/** Runs in the page: the camera fails once more as long as `__fails` says so. */
function failsAsPhonesDo() {
	window.__fails = null;
	let stopped_at = 0;
	const stop = MediaStreamTrack.prototype.stop;
	MediaStreamTrack.prototype.stop = function () {
		if (this.kind === "video" && this.readyState === "live") stopped_at = performance.now();
		stop.call(this);
	};
	let newest = null;
	window.__mute = (muted) => {
		Object.defineProperty(newest, "muted", { value: muted, configurable: true });
		newest.dispatchEvent(new Event(muted ? "mute" : "unmute"));
	};
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const ask = mediaDevices.getUserMedia.bind(mediaDevices);
	mediaDevices.getUserMedia = async (constraints) => {
		if (!constraints.video) return ask(constraints);
		const fresh = performance.now() - stopped_at < 500;
		if (window.__fails === "after a stop" && fresh) throw new DOMException("Could not start", "NotReadableError");
		if (window.__fails === "when large" && (constraints.video.width?.ideal ?? 0) > 1280) {
			throw new DOMException("Starting failed", "AbortError");
		}
		const stream = window.__fails === "by dying" ? dying() : await ask(constraints);
		newest = stream.getVideoTracks()[0];
		return stream;
	};

	/** A camera that delivers a few frames. */
	function dying() {
		const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
		const brush = canvas.getContext("2d");
		let n = 0;
		const timer = setInterval(() => {
			n += 5;
			brush.fillRect(n, 0, 5, 480);
			if (n < 100) return;
			clearInterval(timer);
			window.__fails = "no more";
			const again = mediaDevices.getUserMedia;
			mediaDevices.getUserMedia = (constraints) => {
				if (constraints.video) window.__fails = null;
				return again(constraints);
			};
		}, 33);
		return canvas.captureStream(30);
	}
}

/** Runs in the page: names the two cameras as a phone names its rear lenses. */
function namesLenses() {
	const mediaDevices = navigator.mediaDevices;
	if (mediaDevices === undefined) return;
	const list = mediaDevices.enumerateDevices.bind(mediaDevices);
	const labels = ["camera2 2, facing back (ultra wide)", "camera2 0, facing back"];
	mediaDevices.enumerateDevices = async () => {
		let at = 0;
		return (await list()).map(({ deviceId, kind, groupId, label }) => ({
			deviceId,
			kind,
			groupId,
			label: kind === "videoinput" ? labels[at++] : label,
		}));
	};
}

/** Runs in the page: the user agent of a bare web view on an iPhone. */
function webView() {
	const agent =
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
	Object.defineProperty(Navigator.prototype, "userAgent", { get: () => agent });
}
