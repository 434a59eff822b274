// The guest's controls: what the agent does to the customer's phone and asks for, what the phone
// shows of it, and how a request ends that is not granted.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { phoneWithLight, PLACE } from "./light.mjs";
import { photograph, SMALL } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

const PHONE = { camera: "two", script: phoneWithLight };

story(
	"the agent switches off and zooms at once, the phone says so, and the customer turns it on again",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world, PHONE);
		const controls = agent.page.getByRole("group", { name: "Guest's controls", exact: true });

		await is(agent, "Guest microphone", true);
		await controls.getByRole("button", { name: "Guest microphone", exact: true }).click();
		await customer.page.getByText("Grace turned off your microphone", { exact: true }).waitFor();
		await Promise.all([is(customer, "Microphone", false), is(agent, "Guest microphone", false)]);
		await photograph(customer, "customer-guest-off", SMALL);
		await customer.button("Turn the microphone on").tap();
		await Promise.all([is(customer, "Microphone", true), is(agent, "Guest microphone", true)]);

		await agent.button("Guest camera").click();
		await customer.page.getByText("Grace turned off your camera", { exact: true }).waitFor();
		await until("the camera's light is off", async () => (await customer.lights("video")) === 0);
		await is(agent, "Guest camera", false);
		const zoom = agent.page.getByRole("slider", { name: "Guest zoom", exact: true });
		await zoom.waitFor({ state: "detached" });
		await customer.button("Turn the camera on").tap();
		await is(agent, "Guest camera", true);

		await zoom.waitFor();
		await Promise.all([notice(customer, "Grace zooms your camera"), zoom.fill("500")]);
		await becomes("the camera's zoom", async () => (await set(customer)).zoom, 4.5);
		await photograph(agent, "agent-guest-controls", SMALL);
		await everybodyCanUse(agent, "agent-guest-controls-axe");
	},
);

story("what the customer allows is done: camera, light, the other camera, the location", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, PHONE);
	// Whatever is not named is taken back: camera and microphone would end, and start again.
	await customer.context.grantPermissions(["geolocation", "camera", "microphone"], { origin: world.base });
	await customer.context.setGeolocation(PLACE);

	await is(agent, "Guest camera", true);
	await customer.switches("Camera", false);
	await is(agent, "Guest camera", false);
	await agent.button("Guest camera").click();
	await isAsked(customer, "Grace asks you to turn on your camera");
	await photograph(customer, "customer-guest-asked", SMALL);
	await everybodyCanUse(customer, "customer-guest-asked-axe");
	await customer.button("Not now").tap();
	// Another question: each is open for 30 s, and pictures take long on a busy machine.
	await agent.button("Guest camera").click();
	await agent.page.getByText("Asked “Ada” to turn the camera on.", { exact: true }).waitFor();
	await photograph(agent, "agent-guest-asks");
	await says(agent, "Guest flip", /camera is off/);
	await Promise.all([notice(agent, "“Ada”’s camera is on"), customer.button("Allow").tap()]);
	await is(customer, "Camera", true);
	await is(agent, "Guest camera", true);

	await asks(agent, "Guest torch");
	await answers(customer, "Grace asks to turn on your phone’s light", "Allow");
	await until("the light is on", async () => (await set(customer)).torch === true);
	await is(agent, "Guest torch", true);
	await agent.button("Guest torch").click();
	await until("the light is off", async () => (await set(customer)).torch === false);
	await is(agent, "Guest torch", false);

	await asks(agent, "Guest flip");
	await Promise.all([
		notice(agent, "“Ada” shows the other camera."),
		answers(customer, "Grace asks to see your other camera", "Allow"),
	]);

	await asks(agent, "Ask for location");
	await isAsked(customer, "Grace asks where you are");
	await photograph(customer, "customer-guest-location", SMALL);
	await answers(customer, "Grace asks where you are", "Allow");
	await agent.page.getByText("52.52001, 13.40495, within 14 m").waitFor();
	await leadsToAMap(agent);
	await everybodyCanUse(agent, "agent-guest-location");

	await agent.endsCall();
	await agent.page.getByRole("link", { name: "Open call", exact: true }).click();
	const location = agent.page.getByRole("region", { name: "Location", exact: true });
	await location.getByText("52.52001, 13.40495, within 14 m").waitFor();
	await photograph(agent, "agent-detail-location");
});

story("words say when a request is refused, fails or meets a page that goes, and another may follow", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world, PHONE);
	const asked = {
		camera: "Grace asks to see your other camera",
		place: "Grace asks where you are",
		light: "Grace asks to turn on your phone’s light",
	};

	await asks(agent, "Guest flip");
	await says(agent, "Ask for location", /has not answered the last request yet/);
	await Promise.all([notice(agent, "“Ada” answered: not now."), answers(customer, asked.camera, "Not now")]);

	await asks(agent, "Ask for location");
	await Promise.all([
		notice(agent, "“Ada” allowed it, but the phone or its browser refused it."),
		notice(customer, "Your browser or phone does not give this page your location."),
		answers(customer, asked.place, "Allow"),
	]);

	await customer.page.evaluate(() => (window.__light.fails = true));
	await asks(agent, "Guest torch");
	await Promise.all([
		notice(agent, "It did not start on “Ada”’s phone. Another app may be using it."),
		answers(customer, asked.light, "Allow"),
	]);

	await asks(agent, "Guest torch");
	await question(customer, asked.light).waitFor();
	await customer.switches("Camera", false);
	await Promise.all([notice(agent, "“Ada”’s phone does not have it."), answers(customer, asked.light, "Allow")]);

	await asks(agent, "Ask for location");
	await question(customer, asked.place).waitFor();
	await Promise.all([
		notice(agent, "“Ada” left or reloaded the page before the request was done. You can ask again."),
		customer.reloads(),
	]);
	await customer.isInCall();

	await asks(agent, "Ask for location");
	await question(customer, asked.place).waitFor();
	await Promise.all([
		notice(agent, "“Ada” did not answer."),
		question(customer, asked.place).waitFor({ state: "detached", timeout: OUTCOME_MS }),
	]);
});

/** A request ends after half a minute; a slow machine has as long again. */
const OUTCOME_MS = 60_000;

/**
 * Waits for a notice, which goes after some seconds: begin to wait before what leads to it.
 * @param {string} text
 */
function notice({ page }, text) {
	return page.getByText(text, { exact: true }).first().waitFor({ timeout: OUTCOME_MS });
}

/** What the page set the phone's camera to. */
const set = (customer) => customer.page.evaluate(() => window.__light.set);

const question = (customer, name) => customer.page.getByRole("dialog", { name, exact: true });

/** The question is there, and takes an answer. */
async function isAsked(customer, name) {
	const allow = question(customer, name).getByRole("button", { name: "Allow", exact: true });
	await until(`${name}, and it can be allowed`, () => allow.isEnabled());
}

/** @param {"Allow" | "Not now"} press */
async function answers(customer, name, press) {
	const asked = question(customer, name);
	await asked.getByRole("button", { name: press, exact: true }).tap();
	await asked.waitFor({ state: "detached" });
}

/** Presses a button that asks, once the request before is over on this page. */
async function asks(agent, name) {
	const button = agent.button(name);
	await until(`${name} can be pressed`, async () => (await button.getAttribute("aria-disabled")) === null, OUTCOME_MS);
	await button.click();
}

async function is(person, name, on) {
	const button = person.button(name);
	await until(
		`${name} is ${on ? "on" : "off"}`,
		async () => (await button.getAttribute("aria-pressed")) === String(on),
	);
}

/** A button that cannot be used now says why. */
async function says(agent, name, why) {
	const button = agent.button(name);
	await until(`${name} says why not`, async () => why.test((await button.getAttribute("aria-description")) ?? ""));
	await becomes(`${name}'s aria-disabled`, () => button.getAttribute("aria-disabled"), "true");
}

async function leadsToAMap(agent) {
	const link = agent.page.getByRole("link", { name: "Open in maps (www.openstreetmap.org)", exact: true });
	assert.equal(
		await link.getAttribute("href"),
		"https://www.openstreetmap.org/?mlat=52.52001&mlon=13.40495#map=17/52.52001/13.40495",
	);
	assert.match((await link.getAttribute("rel")) ?? "", /noreferrer/);
}
