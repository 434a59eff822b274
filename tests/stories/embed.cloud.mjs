// The door of embedded pages through the functions: a token is traded once even if several
// functions try at the same time, and its cookie counts alone where another agent's comes along.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { story } from "./stage.mjs";

const HOLDER = "https://claims.example.com";
const LINUS = "linus@example.com";
const DOOR = { "sightline-door": "embed" };

story("a token is traded once through the functions, and its cookie counts at its door alone", async (stage) => {
	const world = await stage.world("--embed-origin", HOLDER);
	// Grace is known, because she signed in. In the browser of the page Linus is signed in.
	await stage.agent(world);
	await world.addsAgent(LINUS, "Linus");
	const linus = await stage.agentWho(world, (page) => world.signs_in(page, LINUS));
	const key = await world.api_key(["embed"]);
	const token = await madeToken(world, key, await world.agent_subject());

	const trades = await Promise.all(
		Array.from({ length: 6 }, () => post(world, "/api/embed", { token, origin: HOLDER })),
	);
	const statuses = trades.map(({ status }) => status).sort();
	assert.deepEqual(statuses, [200, 403, 403, 403, 403, 403]);
	const won = trades.find(({ status }) => status === 200);
	const [line] = won?.headers.getSetCookie() ?? [];
	assert.match(line ?? "", /^__Host-embed=.+; Max-Age=3600; Path=\/; Secure; HttpOnly; SameSite=None; Partitioned$/);
	assert.deepEqual(await named(won), ["Grace", "agent"]);

	const agents = (await linus.context.cookies()).map(({ name, value }) => `${name}=${value}`);
	const cookie = [...agents, line?.split(";")[0]].join("; ");
	const me = (headers) => fetch(`${world.base}/api/me`, { headers: { cookie, ...headers } });
	assert.deepEqual(await named(await me(DOOR)), ["Grace", "agent"]);
	assert.deepEqual(await named(await me({})), ["Linus", "agent"]);
	assert.equal((await me({ "sightline-door": "other" })).status, 401);
	const embed = line?.split(";")[0] ?? "";
	assert.equal(await handshake(world, embed, "sightline.1, door.embed"), 101);
	assert.equal(await handshake(world, embed, "sightline.1"), 401);
	assert.equal(await handshake(world, agents.join("; "), "sightline.1, door.embed"), 401);

	const out = await post(world, "/api/sign-out", {}, { cookie: embed });
	assert.deepEqual([out.status, await out.json()], [200, {}]);
	assert.equal((await me(DOOR)).status, 401);
	assert.equal((await me({})).status, 200, "Linus stays signed in");
});

async function madeToken(world, key, agent) {
	const answer = await fetch(`${world.base}/api/v1/embed-tokens`, {
		method: "POST",
		headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
		body: JSON.stringify({ agent, origin: HOLDER }),
	});
	assert.equal(answer.status, 200, await answer.clone().text());
	return (await answer.json()).token;
}

function post(world, path, body, headers = {}) {
	return fetch(world.base + path, {
		method: "POST",
		headers: { origin: world.base, "content-type": "application/json", ...DOOR, ...headers },
		body: JSON.stringify(body),
	});
}

async function named(answer) {
	const { name, role } = await answer.json();
	return [name, role];
}

/** The status of a WebSocket's handshake. */
function handshake(world, cookie, protocols) {
	const headers = {
		connection: "Upgrade",
		upgrade: "websocket",
		origin: world.base,
		cookie,
		"sec-websocket-key": randomBytes(16).toString("base64"),
		"sec-websocket-version": "13",
		"sec-websocket-protocol": protocols,
	};
	return new Promise((resolve, reject) => {
		const asked = request(`${world.base}/ws`, { headers });
		asked.on("error", reject);
		asked.on("upgrade", ({ statusCode }, socket) => {
			socket.destroy();
			resolve(statusCode);
		});
		asked.on("response", (answer) => {
			answer.resume();
			resolve(answer.statusCode);
		});
		asked.end();
	});
}
