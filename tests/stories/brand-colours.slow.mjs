// Colours that a business may have, pale ones and loud ones: text can be read on both pages.

import { everybodyCanUse } from "./axe.mjs";
import { story } from "./stage.mjs";

const COLOURS = [
	"#ffff00",
	"#ffffff",
	"#000000",
	"#39ff14",
	"#ffd1dc",
	"#ff0000",
	"#0000ff",
	"#808080",
	"#00ffff",
	"#ff8c00",
];

for (const colour of COLOURS) {
	story(`both pages can be read in ${colour}`, async (stage) => {
		const world = await stage.world("--colour", colour);
		const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
		await everybodyCanUse(agent, `agent-start-${colour.slice(1)}`);
		await agent.invites();
		await customer.opens((await world.last_sms()).link);
		await customer.button("Join").waitFor();
		await everybodyCanUse(customer, `customer-lobby-${colour.slice(1)}`);
		await agent.page.goto(`${world.base}/agent#figures`);
		await agent.sees("Figures");
		await everybodyCanUse(agent, `agent-figures-${colour.slice(1)}`);
	});
}
