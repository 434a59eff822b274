// A customer whose endpoint is no browser: aiortc, a WebRTC stack of its own, without the transport
// feedback that browsers send.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./built.mjs";
import { AGENT_HZ, BARS, CUSTOMER_HZ, STRIPES } from "./cards.mjs";
import { media } from "./people.mjs";
import { hears, near, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

/** Python loads its libraries, and codes pictures by itself. */
const PYTHON_MS = 60_000;

story("a customer with aiortc sees the agent, hears the agent's tone, is seen and is heard", async (stage) => {
	const world = await stage.world("--threads", "2");
	const ports = new Set(world.media.map((at) => at.split(":").at(-1)));
	assert.ok(ports.size >= 2, `each thread has a port of its own: ${world.media}`);
	const agent = await stage.agent(world);
	await agent.invites();
	const customer = new Peer((await world.last_sms()).link);
	try {
		await agent.button("End call").waitFor({ timeout: PYTHON_MS });
		await agent.isInCall();
		await agent.switches("Camera", true);
		await shows(agent.remote, BARS);
		await hears(agent.page, CUSTOMER_HZ);
		await becomes("the codec", () => codec(agent.page), "video/VP8");
		await customer.tells("the agent's picture", ({ colours }) => colours?.every((rgb, at) => near(rgb, STRIPES[at])));
		await customer.tells("the agent's tone", ({ hz, loudness }) => loudness > 0.01 && Math.abs(hz - AGENT_HZ) <= 20);
	} finally {
		customer.end();
	}
});

/** A process of `tests/peers/customer.py`. */
class Peer {
	#child;
	#told = [];
	#log = "";

	/** @param {string} link */
	constructor(link) {
		const program = join(ROOT, "tests/peers/customer.py");
		this.#child = spawn(
			join(ROOT, ".venv/peers/bin/python"),
			[program, link, `${media()}/customer.y4m`, `${media()}/customer.wav`],
			{ stdio: ["ignore", "pipe", "pipe"] },
		);
		this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
		createInterface({ input: this.#child.stdout }).on("line", (line) => this.#told.push(JSON.parse(line)));
	}

	/** Waits until it has told something like this. @param {(told: object) => unknown} like */
	async tells(what, like) {
		await until(
			`aiortc tells ${what}`,
			() => {
				if (this.#told.some(like)) return true;
				throw new Error(`${JSON.stringify(this.#told.slice(-3))} ${this.#log.slice(-2_000)}`);
			},
			PYTHON_MS,
		);
	}

	end() {
		this.#child.kill();
	}
}

/** The codec of the video that a page receives. */
function codec(page) {
	return page.evaluate(async () => {
		const report = await window.__connections.at(-1).getStats();
		const video = [...report.values()].find((stats) => stats.type === "inbound-rtp" && stats.kind === "video");
		return report.get(video.codecId).mimeType;
	});
}
