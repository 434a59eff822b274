// A reloaded page rejoins the call: the same session and chat, and sound and picture again.

import { BARS, CUSTOMER_HZ } from "./cards.mjs";
import { hears, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story("after a reload either page rejoins the call, and the chat is still there", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await shows(agent.remote, BARS);
	await customer.says("before the reload");
	await agent.reads("before the reload");

	for (const person of [customer, agent]) {
		const from = Date.now();
		await person.reloads();
		await person.isInCall();
		if (person === customer) await customer.turnsCameraBackOn();
		await shows(agent.remote, BARS);
		console.log(`${person.who} reloads: the picture is back after ${Date.now() - from} ms`);
		await until(
			"the agent's page plays sound, if need be by a button",
			async () => {
				if (await agent.button("Tap to hear").isVisible()) await agent.button("Tap to hear").click({ timeout: 1_000 });
				await hears(agent.page, CUSTOMER_HZ, 1_000);
				return true;
			},
			30_000,
		);
		await person.reads("before the reload");
		await person.closesChat();
	}

	await agent.says("after the reload");
	await customer.reads("after the reload");
	await until("only one text message was sent", async () => (await world.texts()).length === 1);
});
