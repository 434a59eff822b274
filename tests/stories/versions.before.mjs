// The parts of the version before and of this one meet in one call of the cloud, in both orders:
// an update, relay first, and the way back, functions first. After each step the two see, hear and
// read each other.

import { before, drawsAndSees, LIVE_MS, moves } from "./before.mjs";
import { CUSTOMER_HZ } from "./cards.mjs";
import { CloudWorld, NOW } from "./cloud.mjs";
import { hears } from "./senses.mjs";
import { story } from "./stage.mjs";

const STORY_MS = 600_000;

story(
	"page, functions and relay of two versions meet in one call, through an update and back",
	async (stage) => {
		const { programs, source } = before();
		const earlier = {
			functions: programs,
			relay: programs,
			template: `${source}/template.yaml`,
			pages: `${source}/web/dist`,
		};
		const world = await stage.opens(Object.assign(new CloudWorld(), { version: earlier }));
		const people = await stage.call(world, { camera: "landmarks" });
		const { agent, customer } = people;
		await meet(people, "all before");

		await update(world, "relay", NOW);
		await meet(people, "before, with a new relay");
		await update(world, "functions", NOW);
		await meet(people, "pages before, with new functions and relay");
		await reload(people);
		await meet(people, "all new");

		await update(world, "functions", earlier);
		await meet(people, "new pages and relay, functions before");
		await update(world, "relay", earlier);
		await meet(people, "new pages, functions and relay before");
		await update(world, "functions", NOW);
		await meet(people, "relay before, the rest new");
		await drawsAndSees(agent, customer, "agent");
		await customer.closesChat();
		await customer.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	},
	STORY_MS,
);

/**
 * @param {CloudWorld} world
 * @param {"relay" | "functions"} part
 * @param {import("./cloud.mjs").Version} version
 */
async function update(world, part, version) {
	const began = Date.now();
	if (part === "relay") {
		world.version = { ...world.version, relay: version.relay };
		await world.addsRelay();
		await world.stopsOldestRelay();
	} else {
		world.version = { ...version, relay: world.version.relay };
		await world.replacesFunctions();
	}
	console.log(`${part} replaced after ${Date.now() - began} ms`);
}

/** Both are connected, hear, see and read each other. */
async function meet({ agent, customer }, which) {
	for (const person of [agent, customer]) await person.isConnected(/live|weak/i, LIVE_MS);
	await moves(agent.remote);
	await hears(agent.page, CUSTOMER_HZ);
	await customer.says(`customer: ${which}`);
	await agent.reads(`customer: ${which}`, LIVE_MS);
	await agent.says(`agent: ${which}`);
	await customer.reads(`agent: ${which}`, LIVE_MS);
	for (const person of [agent, customer]) await person.closesChat();
	console.log(`met: ${which}`);
}

async function reload({ agent, customer }) {
	for (const person of [customer, agent]) {
		await person.reloads();
		await person.isInCall();
		if (person === customer) await customer.turnsCameraBackOn();
	}
}
