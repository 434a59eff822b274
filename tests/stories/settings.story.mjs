// The agent's camera, microphone and speaker: chosen, tested, remembered, and found again.

import assert from "node:assert/strict";
import { blurs, comesAndGoes, listens } from "./headset.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

const MICROPHONE = "Fake Audio Input 2";
const SPEAKER = "Fake Audio Output 2";
const CAMERA = "fake_device_2";

story("what an agent chose is remembered, left when it is unplugged, and used again when it is back", async (stage) => {
	const world = await stage.world();
	const { agent } = await stage.call(world, {}, { camera: "two", script: comesAndGoes });
	await agent.button("Settings").click();
	await choose(agent, "Microphone", MICROPHONE);
	await choose(agent, "Speaker", SPEAKER);
	await uses(agent, MICROPHONE);
	await agent.button("Done").click();
	await agent.reloads();
	await agent.isInCall();
	await uses(agent, MICROPHONE);
	await hearsOn(agent, SPEAKER);

	await plugs(agent, [MICROPHONE, SPEAKER], false);
	await agent.page.getByText(/^Now in use: (?!Fake Audio Input 2)/).waitFor();
	await until("another microphone is used", async () => (await microphone(agent)) !== MICROPHONE);
	await hearsOn(agent, "");
	await agent.button("Settings").click();
	await isChosen(agent, "Microphone", `Not connected: ${MICROPHONE}`);
	await isChosen(agent, "Speaker", `Not connected: ${SPEAKER}`);
	await photograph(agent, "agent-settings-unplugged");

	// The microphone comes back under another id.
	await agent.page.evaluate((label) => window.__move(label), MICROPHONE);
	await plugs(agent, [MICROPHONE, SPEAKER], true);
	await agent.page.getByText(`Now in use: ${MICROPHONE}`, { exact: true }).waitFor();
	await uses(agent, MICROPHONE);
	await hearsOn(agent, SPEAKER);
	await isChosen(agent, "Microphone", MICROPHONE);
	await choose(agent, "Microphone", "Default");
	await agent.reloads();
	await agent.isInCall();
	await agent.button("Settings").click();
	await isChosen(agent, "Microphone", "Default");
	// The other choice stays.
	await isChosen(agent, "Speaker", SPEAKER);
});

story(
	"before a call Settings shows the camera, the loudness, and plays a sound on the chosen speaker",
	async (stage) => {
		const world = await stage.world();
		const script = `(${listens})(); (${blurs})();`;
		const agent = await stage.agent(world, { camera: "two", script });
		await agent.button("Settings").click();
		await agent.button("Test camera and microphone").click();
		const picture = agent.page.getByLabel("Your picture", { exact: true });
		await picture.waitFor();
		await choose(agent, "Camera", CAMERA);
		await until("the chosen camera runs", async () => (await camera(agent)) === CAMERA);
		await agent.page.getByRole("img", { name: "Microphone level", exact: true }).waitFor();
		await choose(agent, "Speaker", SPEAKER);
		const id = await idOf(agent, SPEAKER);
		// A page that is busy may miss a short sound.
		await until("the speaker was given a sound", async () => {
			await agent.button("Test the speaker").click();
			return agent.page.evaluate((sink) => window.__loudest[sink] > 0.02, id);
		});

		const blur = agent.page.getByRole("checkbox", { name: "Blur the background", exact: true });
		await blur.check();
		await until("the camera blurs", () => isBlurred(agent));
		await photograph(agent, "agent-settings-devices");
		await agent.button("Done").click();
		await until("camera and microphone are off", async () => {
			return (await agent.lights("video")) === 0 && (await agent.lights("audio")) === 0;
		});

		await agent.reloads();
		await agent.button("Settings").click();
		await agent.button("Test camera and microphone").click();
		await picture.waitFor();
		await until("the camera of before blurs", async () => (await camera(agent)) === CAMERA && isBlurred(agent));
		await becomes("the box", () => blur.isChecked(), true);
	},
);

story("an agent's ready lines stand above the chat's field, and are sent when the agent sends them", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await agent.opensChat();
	const list = agent.page.getByText("Ready lines", { exact: true });
	await list.click();
	await agent.page.getByText("There are no lines yet.", { exact: false }).waitFor();
	await agent.closesChat();
	await agent.button("Settings").click();
	await agent.field("Ready lines").fill("Please hold still.\n\nThank you.");
	await agent.button("Done").click();
	await agent.reloads();
	await agent.isInCall();
	await agent.opensChat();
	await agent.field("Message").fill("Ada,");
	await list.click();
	await photograph(agent, "agent-ready-lines");
	await agent.button("Please hold still.").click();
	await becomes("the message", () => agent.field("Message").inputValue(), "Ada, Please hold still.");
	assert.equal(await agent.log.getByText("Please hold still.").count(), 0, "nothing is sent yet");
	await agent.page.keyboard.press("Enter");
	await customer.reads("Ada, Please hold still.");
	assert.equal(await customer.page.getByText("Ready lines").count(), 0, "the customer does not have them");
});

/** @param {"Camera" | "Microphone" | "Speaker"} what */
function list(agent, what) {
	return agent.page.getByRole("combobox", { name: what, exact: true });
}

async function choose(agent, what, label) {
	await list(agent, what).getByRole("option", { name: label, exact: true }).waitFor({ state: "attached" });
	await list(agent, what).selectOption({ label });
}

/** Devices are listed a moment after the page has asked for them. */
async function isChosen(agent, what, label) {
	const shown = () => list(agent, what).evaluate((select) => select.selectedOptions[0]?.textContent);
	await becomes(`the chosen ${what}`, shown, label);
}

/** The name of the newest device of a kind that runs. */
function running(agent, kind) {
	return agent.page.evaluate(
		(kind) => window.__tracks.filter((track) => track.kind === kind && track.readyState === "live").at(-1)?.label,
		kind,
	);
}

const microphone = (agent) => running(agent, "audio");
const camera = (agent) => running(agent, "video");

async function uses(agent, label) {
	await until(`${label} is used`, async () => (await microphone(agent)) === label);
}

/** @param {string} label empty for the browser's own choice */
async function hearsOn(agent, label) {
	await until(`the sound comes from ${label || "the usual speaker"}`, async () => {
		const sink = await agent.page
			.locator("video[aria-label]")
			.first()
			.evaluate((video) => video.sinkId);
		return sink === (label === "" ? "" : await idOf(agent, label));
	});
}

function idOf(agent, label) {
	return agent.page.evaluate(async (label) => {
		const found = await navigator.mediaDevices.enumerateDevices();
		return found.find((one) => one.label === label)?.deviceId;
	}, label);
}

async function plugs(agent, labels, there) {
	for (const label of labels) await agent.page.evaluate(([one, is]) => window.__plug(one, is), [label, there]);
}

function isBlurred(agent) {
	return agent.page.evaluate(() => {
		const track = window.__tracks.findLast(({ kind, readyState }) => kind === "video" && readyState === "live");
		return track?.getSettings().backgroundBlur === true;
	});
}
