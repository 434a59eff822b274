// Somebody's own phone (`--lan`): another machine in the network, which trusts the desk's
// certificate authority and ignores no certificate error.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { BARS } from "./cards.mjs";
import { Elsewhere } from "./network.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { SIGHTLINE } from "./world.mjs";

/** Network namespaces are Linux's. */
const linux = process.platform === "linux" ? story : () => {};
/** A connection that lasts this long is not dropped. */
const LASTS_MS = 500;
/** A connection that is dropped at once is dropped within this time on any machine. */
const DROPPED_MS = 10_000;

linux("a phone in the network calls over HTTPS and reaches nothing but its own page", async (stage) => {
	const elsewhere = new Elsewhere("IPv4");
	try {
		const { world, customer, env } = await phoneCalls(stage, elsewhere, elsewhere.addresses.here);
		const { origin } = new URL((await world.last_sms()).link);
		const paths = ["/j", "/ca.crt", "/agent", "/outbox", "/outbox.json", "/healthz", "/", "/api/me"];
		const script = `
			const answers = [];
			for (const path of ${JSON.stringify(paths)}) answers.push((await fetch("${origin}" + path)).status);
			console.log(answers.join(" "));`;
		assert.equal(elsewhere.says(script, env), "200 200 404 404 404 404 404 404");
		// Without the authority the same phone refuses the certificate.
		assert.throws(() => elsewhere.says(`await fetch("${origin}/j")`), /certificate/);
		await customer.endsCall();

		// The other way round: a desk with the defaults, and this machine as a stranger to it.
		const other = await stage.worldOf({ program: elsewhere.program(SIGHTLINE) });
		const own = other.media_tcp.find((at) => at.startsWith(`${elsewhere.addresses.there}:`)) ?? "";
		assert.notEqual(own, "", "media listens on the address of the default route");
		const port = Number(own.split(":").at(-1));
		assert.equal(await lasts(elsewhere.addresses.there, port), false);
		const inside = `
			import { connect } from "node:net";
			const socket = connect(${port}, "${elsewhere.addresses.there}").on("error", () => {});
			let closed = false;
			socket.on("close", () => (closed = true));
			setTimeout(() => { console.log(!closed); process.exit(); }, ${LASTS_MS});`;
		assert.equal(elsewhere.says(inside), "true");
	} finally {
		elsewhere.end();
	}
});

linux("a phone in a network of IPv6 alone calls", async (stage) => {
	const elsewhere = new Elsewhere("IPv6");
	try {
		await phoneCalls(stage, elsewhere, `[${elsewhere.addresses.here}]`);
	} finally {
		elsewhere.end();
	}
});

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {Elsewhere} elsewhere
 * @param {string} host of `--lan`
 */
async function phoneCalls(stage, elsewhere, host) {
	const world = await stage.world(`--lan=${host}:0`);
	const authority = await (await fetch(`${world.base}/ca.crt`)).text();
	const env = elsewhere.homeThatTrusts(authority);
	const [agent, customer] = await Promise.all([
		stage.agent(world),
		stage.customer(world, { from: { elsewhere, env } }),
	]);
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await shows(agent.remote, BARS);
	return { world, customer, env };
}

/** Whether a connection from this machine stays open. */
function lasts(host, port) {
	return new Promise((resolve) => {
		const socket = connect(port, host);
		const timer = setTimeout(() => {
			resolve(true);
			socket.destroy();
		}, DROPPED_MS);
		socket.on("error", () => {});
		socket.on("close", () => {
			clearTimeout(timer);
			resolve(false);
		});
	});
}
