// A call goes on through an upgrade of the desk. It begins on the version before and ends on this
// one. First the pages of the version before speak to the new server, then both are reloaded.

import { join } from "node:path";
import { before, drawsAndSees, LIVE_MS, moves } from "./before.mjs";
import { CUSTOMER_HZ } from "./cards.mjs";
import { hears } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { SIGHTLINE } from "./world.mjs";

/** A page of the version before asks whether a picture is to be deleted. */
const ASKS = true;

story("a call that begins on the version before goes on after the upgrade", async (stage) => {
	const world = await stage.worldOf({ program: join(before().programs, "sightline") });
	const { agent, customer } = await stage.call(world, { camera: "landmarks" });
	await moves(agent.remote);
	await customer.says("before the upgrade");
	await agent.reads("before the upgrade");
	await drawsAndSees(agent, customer, "agent", ASKS);

	await world.kill();
	world.program = SIGHTLINE;
	const from = Date.now();
	await world.start();
	await Promise.all([agent.isConnected(/live|weak/i, LIVE_MS), customer.isConnected(/live|weak/i, LIVE_MS)]);
	await moves(agent.remote);
	console.log(`upgraded: the picture is back after ${Date.now() - from} ms, on the pages of the version before`);
	await hears(agent.page, CUSTOMER_HZ);
	await agent.says("after the upgrade");
	await customer.reads("after the upgrade");
	await drawsAndSees(agent, customer, "customer", ASKS);

	for (const person of [customer, agent]) {
		await person.reloads();
		await person.isInCall();
		if (person === customer) await customer.turnsCameraBackOn();
		await moves(agent.remote);
		for (const line of ["before the upgrade", "after the upgrade"]) await person.reads(line);
		await person.closesChat();
	}
	await customer.says("on new pages");
	await agent.reads("on new pages");
	await drawsAndSees(agent, customer, "agent");
	await until("only one text message was sent", async () => (await world.texts()).length === 1);
	await customer.closesChat();
	await customer.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
});
