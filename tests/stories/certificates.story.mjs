// A certificate that a public authority issued: shown by the desk itself (`--tls-cert`), or by a
// tunnel in front of it (`--public-url`).

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { BARS } from "./cards.mjs";
import { asks, Issuer, Tunnel } from "./certificates.mjs";
import { trusting } from "./network.mjs";
import { shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** Linux answers at every address of 127.0.0.0/8: here one stands for that of the network. */
const NETWORK = "127.0.0.2";
const linux = process.platform === "linux" ? story : () => {};

linux("a desk with a given certificate serves customers by its name, with the whole chain", async (stage) => {
	const issuer = new Issuer();
	try {
		const name = "desk.example.test";
		const { chain, key } = issuer.issue(name);
		const files = ["--tls-cert", chain, "--tls-key", key];
		const world = await stage.world(`--lan=${NETWORK}:0`, ...files, "--public-url", `https://${name}`);
		const agent = await stage.agent(world);
		await agent.invites();
		const { link } = await world.last_sms();
		assert.ok(link.startsWith(`https://${name}/j#`), link);

		const ask = (path, more = {}) => asks(world.lan, name, path, { ca: issuer.root, ...more });
		const statuses = {};
		for (const path of ["/j", "/ca.crt", "/agent", "/outbox"]) statuses[path] = (await ask(path)).status;
		assert.deepEqual(statuses, { "/j": 200, "/ca.crt": 404, "/agent": 404, "/outbox": 404 });
		await assert.rejects(asks(world.lan, name, "/j"), /certificate/, "a stranger to the authority");
		await assert.rejects(asks(world.lan, "other.example.test", "/j", { ca: issuer.root }), /altnames/);

		const secret = new URL(link).hash.slice(1);
		const entered = await ask("/api/enter", { body: { secret } });
		assert.equal(entered.status, 200);
		const [cookie] = [entered.headers["set-cookie"]].flat();
		assert.match(cookie, /; Secure/);
		const socket = {
			connection: "Upgrade",
			upgrade: "websocket",
			origin: `https://${name}`,
			"sec-websocket-key": randomBytes(16).toString("base64"),
			"sec-websocket-version": "13",
			"sec-websocket-protocol": "sightline.1",
		};
		const seat = { ...socket, cookie: cookie.split(";")[0] };
		assert.equal((await ask("/ws", { headers: seat })).status, 101);
		assert.notEqual((await ask("/ws", { headers: socket })).status, 101, "without a seat's cookie");
	} finally {
		issuer.end();
	}
});

linux("behind a tunnel pages and chat go through it, media goes directly", async (stage) => {
	const issuer = new Issuer();
	const name = "tunnel.example.test";
	const tunnel = await Tunnel.with(issuer.issue(name));
	try {
		const world = await stage.world(`--lan=${NETWORK}:0`, "--public-url", `https://${name}`);
		tunnel.desk = world.base;
		const outfit = {
			from: { env: trusting(issuer.folder, issuer.root) },
			flags: [`--host-resolver-rules=MAP ${name}:443 127.0.0.1:${tunnel.port}`],
		};
		const { agent, customer } = await stage.call(world, outfit);
		assert.equal(new URL(customer.page.url()).origin, `https://${name}`);
		await shows(agent.remote, BARS);
		await customer.says("through the tunnel");
		await agent.reads("through the tunnel");
		const own = world.media.map((at) => at.replace(/[[\]]/g, ""));
		await until(`media goes to one of ${own}`, async () => own.includes((await customer.transport())?.remote));
		assert.ok(tunnel.seen.includes("/ws"), "the socket goes through the tunnel");
		const outbox = await asks(`https://127.0.0.1:${tunnel.port}`, name, "/outbox", { ca: issuer.root });
		assert.equal(outbox.status, 421, "text messages are for this machine only");
	} finally {
		tunnel.end();
		issuer.end();
	}
});
