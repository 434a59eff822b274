// Errors that people can correct, and connections that recover by themselves.

import { BARS } from "./cards.mjs";
import { confirmsNumbers, readsNumbers } from "./numbers.mjs";
import { REFERENCE } from "./people.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story(
	"a number is read while it is typed, asked about if unlikely, explained with its reference if bad",
	async (stage) => {
		const world = await stage.world();
		const agent = await stage.agent(world);
		await readsNumbers(agent);
		await confirmsNumbers(agent, world);
		await agent.field("Phone number").fill("+49 12");
		await agent.field("Call reference").fill(REFERENCE);
		await agent.button("Send invite").click();
		await until("the phone number is marked and explained", () => complaint(agent, "Phone number"));

		await agent.field("Phone number").fill("+49 151 12345678");
		await agent.field("Call reference").fill("short");
		await agent.button("Send invite").click();
		await until("the reference is marked and explained", () => complaint(agent, "Call reference"));
		const before = (await world.texts()).length;

		await agent.field("Call reference").fill(REFERENCE);
		await agent.sendsInvite();
		await becomes("the number of text messages", async () => (await world.texts()).length, before + 1);
	},
);

story("after a restart of the server both pages reconnect by themselves", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await shows(agent.remote, BARS);
	await world.restart();
	await Promise.all([agent.isConnected(/live|weak/i, 30_000), customer.isConnected(/live|weak/i, 30_000)]);
	await shows(agent.remote, BARS, 30_000);
	await customer.says("still here");
	await agent.reads("still here");
});

story("a page without network says so, keeps a message, and sends it when the network is back", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await world.kill();
	await Promise.all([agent.isConnected(/reconnecting/i, 20_000), customer.isConnected(/reconnecting/i, 20_000)]);
	await customer.says("written without network");
	await customer.log.getByText("Sending", { exact: true }).waitFor();
	await world.start();
	await agent.reads("written without network", 30_000);
	await customer.log.getByText("Sent", { exact: true }).waitFor();
	await customer.closesChat();
	await customer.isConnected(/live|weak/i, 30_000);
});

/** The description of a field that is marked as invalid. */
async function complaint(person, name) {
	return person.field(name).evaluate((field) => {
		const marked = field.getAttribute("aria-invalid") === "true" || !field.validity.valid;
		const ids =
			`${field.getAttribute("aria-describedby") ?? ""} ${field.getAttribute("aria-errormessage") ?? ""}`.split(/\s+/);
		const words =
			ids
				.map((id) => document.getElementById(id)?.textContent ?? "")
				.join(" ")
				.trim() || field.validationMessage;
		return marked && words;
	});
}
