// Networks that block UDP: the call uses TCP from its start, or from the moment UDP is blocked.

import assert from "node:assert/strict";
import { AGENT_HZ, BARS, CUSTOMER_HZ, STRIPES } from "./cards.mjs";
import { CUSTOMER_NAME } from "./people.mjs";
import { hears, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { UdpWay } from "./udp.mjs";
import { until } from "./until.mjs";

/**
 * From the tap on Join to frames while UDP is silently dropped. The measured time is printed; this
 * limit is generous for any machine.
 */
const CONNECTED_MS = 20_000;
/** From blocking UDP in a call to a picture over TCP, including the time to notice it. */
const BACK_MS = 30_000;

story("without UDP video, sound and chat go over TCP, also after a reload", async (stage) => {
	const way = await UdpWay.at();
	try {
		const world = await stage.world("--announce", way.address);
		const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
		await agent.invites();
		await customer.opens((await world.last_sms()).link);
		await customer.field("Your name").fill(CUSTOMER_NAME);
		const began = performance.now();
		await customer.button("Join").tap();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		await shows(agent.remote, BARS);
		const took = Math.round(performance.now() - began);
		console.log(`without UDP: tap on Join by the first person to the agent's first frames: ${took} ms`);
		assert.ok(took <= CONNECTED_MS, `${took} ms`);

		await agent.switches("Camera", true);
		await shows(customer.remote, STRIPES);
		await hears(agent.page, CUSTOMER_HZ);
		await hears(customer.page, AGENT_HZ);
		for (const person of [agent, customer]) await isOver("tcp", person);
		assert.ok(way.seen > 0, "UDP was tried");

		await customer.says("It is the left one.");
		await agent.reads("It is the left one.");
		await customer.closesChat();
		await customer.reloads();
		await customer.isInCall();
		await shows(agent.remote, BARS);
		await isOver("tcp", customer);

		await customer.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	} finally {
		way.end();
	}
});

story("when UDP is blocked during a call, the call continues over TCP by itself", async (stage) => {
	const way = await UdpWay.at();
	try {
		const listen = await UdpWay.free();
		const world = await stage.world("--media", listen, "--announce", way.address);
		way.opens(listen);
		const { agent, customer } = await stage.call(world);
		await shows(agent.remote, BARS);
		for (const person of [agent, customer]) await isOver("udp", person);

		way.closes();
		const began = performance.now();
		for (const person of [agent, customer]) await isOver("tcp", person);
		await shows(agent.remote, BARS);
		console.log(
			`UDP blocked in a call: the picture is back over TCP after ${Math.round(performance.now() - began)} ms`,
		);
		for (const person of [agent, customer]) await person.isConnected();
		await hears(agent.page, CUSTOMER_HZ);
	} finally {
		way.end();
	}
});

/** @param {"udp" | "tcp"} protocol @param {import("./people.mjs").Person} person */
async function isOver(protocol, person, within_ms = BACK_MS) {
	await until(
		`${person.who}: media goes over ${protocol}`,
		async () => (await person.transport())?.protocol === protocol,
		within_ms,
	);
}
