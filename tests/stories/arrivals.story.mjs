// The agent looks at something else while the customer comes, and takes a second call meanwhile:
// one hears of the customer, and speaks in one call at a time.

import { AGENT_HZ } from "./cards.mjs";
import { photograph } from "./pictures.mjs";
import { hears, hearsNothing } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("an agent hears of the customer, and speaks in one call at a time", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world, { script: listen }), stage.customer(world)]);
	await agent.context.grantPermissions(["notifications", "microphone", "camera"], { origin: world.base });
	await agent.button("Settings").click();
	await agent.page.getByLabel("Show a notification").check();
	await agent.button("Try it").click();
	await photograph(agent, "agent-settings");
	const signs = () => agent.page.evaluate(() => window.__signs);
	await becomes("what the agent hears and sees", signs, { tones: 2, notices: ["This is a test"] });
	await agent.button("Done").click();
	await agent.invites();

	// The page is behind another one when they come.
	await agent.page.evaluate(() => {
		document.hasFocus = () => false;
	});
	await customer.opens((await world.last_sms()).link);
	await customer.joins();
	await agent.isInCall();
	await until("the tab's title says so", async () => (await agent.page.title()).startsWith("The customer is here"));
	// The sound opens after the notice.
	await becomes("what the agent hears and sees", signs, { tones: 4, notices: ["This is a test", "CASE-00042"] });
	await agent.page.evaluate(() => {
		delete document.hasFocus;
		dispatchEvent(new Event("focus"));
	});
	await until("the title is as before", async () => !(await agent.page.title()).includes("customer"));

	await speaks(agent.page, true);
	const second = await agent.context.newPage();
	await second.goto(`${world.base}/agent`);
	await second.getByRole("textbox", { name: "Phone number" }).evaluate(paste, "CASE-00043, +49 151 12345679");
	const reference = second.getByRole("textbox", { name: "Call reference" });
	await becomes("the reference", () => reference.inputValue(), "CASE-00043");
	await second.getByRole("button", { name: "Send invite", exact: true }).click();
	await second.getByRole("heading", { name: "Waiting for the customer" }).waitFor();
	await agent.page.getByText("The microphone is off here: you speak in another call.").waitFor();
	await speaks(agent.page, false);
	await photograph(agent, "agent-speaks-elsewhere");
	await hearsNothing(customer.page);
	await until("the second call has sound", async () => !(await second.evaluate(quiet)));
	await agent.button("Speak here").click();
	await speaks(agent.page, true);
	await hears(customer.page, AGENT_HZ);
	await agent.page.getByText("The microphone is off here").waitFor({ state: "hidden" });
	await until("the second call has no sound", () => second.evaluate(quiet));
});

/** Runs in the page: pastes a text into a field. */
function paste(field, text) {
	const clipboardData = new DataTransfer();
	clipboardData.setData("text/plain", text);
	field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}

/** Whether the button says that the microphone is on. */
async function speaks(page, on) {
	const button = page.getByRole("button", { name: "Microphone", exact: true });
	await until(`the microphone is ${on ? "on" : "off"}`, async () => {
		return (await button.getAttribute("aria-pressed")) === String(on);
	});
}

/** Runs in a page: no microphone sends. */
function quiet() {
	return window.__connections.every((connection) =>
		connection.getSenders().every(({ track }) => track?.kind !== "audio" || !track.enabled),
	);
}

/** Runs in the page: counts the tones and notes the notifications. */
function listen() {
	const signs = { tones: 0, notices: [] };
	window.__signs = signs;
	const start = OscillatorNode.prototype.start;
	OscillatorNode.prototype.start = function (...at) {
		signs.tones += 1;
		return start.apply(this, at);
	};
	window.Notification = class extends Notification {
		constructor(title, options) {
			super(title, options);
			signs.notices.push(options.body);
		}
	};
}
