// The server is killed in the middle of a call and started again: nothing acknowledged is lost, and
// the pages recover by themselves.

import assert from "node:assert/strict";
import { BARS, CUSTOMER_HZ } from "./cards.mjs";
import { hears, shows } from "./senses.mjs";
import { story } from "./stage.mjs";

story(
	"kill -9 in a call with chat: both pages recover by themselves with every message, and no text message is sent",
	async (stage) => {
		const world = await stage.world();
		const { agent, customer } = await stage.call(world);
		await shows(agent.remote, BARS);
		for (const line of ["one", "two", "three"]) {
			await customer.says(line);
			await agent.reads(line);
			await agent.says(`${line}, yes`);
			await customer.reads(`${line}, yes`);
		}
		await agent.closesChat();
		await customer.closesChat();

		await world.kill();
		const from = Date.now();
		await world.start();
		console.log(`killed: the server is ready again after ${Date.now() - from} ms`);
		const before = await world.texts();
		await Promise.all([agent.isConnected(/live|weak/i, 40_000), customer.isConnected(/live|weak/i, 40_000)]);
		await shows(agent.remote, BARS, 30_000);
		console.log(`killed: the picture is back after ${Date.now() - from} ms`);
		await hears(agent.page, CUSTOMER_HZ);

		for (const line of ["one", "one, yes", "two", "two, yes", "three", "three, yes"]) {
			await agent.reads(line);
			await customer.reads(line);
			assert.equal(await agent.log.getByText(line, { exact: true }).count(), 1, `"${line}" appears once`);
		}
		await customer.says("and on we go");
		await agent.reads("and on we go");
		assert.equal((await world.texts()).length, 1);
		assert.equal(before.length, 1, "the outbox is durable too");
		await customer.closesChat();
		await customer.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	},
);
