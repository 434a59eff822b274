// Pages of other programs that hold Sightline's page in a frame: names that no name server knows,
// each with a certificate, which the browser of a story finds and trusts.

import { readFileSync } from "node:fs";
import { createServer as secure } from "node:https";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createSecureContext } from "node:tls";
import { ROOT } from "./built.mjs";
import { Issuer, Tunnel } from "./certificates.mjs";
import { trusting, trustingProfile } from "./network.mjs";
import { until } from "./until.mjs";

/** The deployment, a program on another site, one on a sibling domain, and one it does not know. */
export const SIGHTLINE = "help.sightline.test";
export const ELSEWHERE = "claims.example.test";
export const SIBLING = "claims.sightline.test";
export const STRANGER = "evil.example.test";

/** A cookie that browsers block if they block those of third parties. */
export const TRACKER = "tracker";

const EXAMPLE = readFileSync(`${ROOT}docs/embed-example.html`, "utf8");
const USUAL = "https://help.example.com";

/** The programs, with the tunnel to the deployment, all on this machine. */
export class Sites {
	/** Flags of a desk behind them. */
	static desk = ["--public-url", `https://${SIGHTLINE}`].concat(
		[ELSEWHERE, SIBLING].flatMap((name) => ["--embed-origin", `https://${name}`]),
	);
	/** Tokens that programs were given, newest last. @type {string[]} */
	tokens = [];
	/** @type {Tunnel} */
	tunnel;
	/** How a Chromium finds and trusts them. @type {import("./people.mjs").Outfit} */
	chromium;
	#issuer = new Issuer();
	#world;
	#key = "";
	#pages;
	#names;

	/** @param {import("./world.mjs").DeskWorld} world with the flags above */
	static async around(world) {
		const sites = new Sites();
		sites.#world = world;
		sites.#key = await world.api_key(["embed", "read"]);
		sites.tunnel = await Tunnel.with(sites.#issuer.issue(SIGHTLINE));
		sites.tunnel.desk = world.listens;
		sites.#pages = await listening(secure({ SNICallback: sites.#certificates() }, sites.#answer.bind(sites)));
		sites.#names = await listening(createServer());
		sites.#names.on("connect", (asked, socket, head) => sites.#connect(asked, socket, head));
		sites.chromium = sites.#forChromium();
		return sites;
	}

	/**
	 * How a Firefox finds and trusts them. It keeps cookies of third parties only if these are
	 * partitioned.
	 * @returns {import("./people.mjs").Outfit}
	 */
	firefox() {
		return {
			browser: "firefox",
			profile: trustingProfile(this.#issuer.root),
			preferences: {
				"network.proxy.type": 1,
				"network.proxy.ssl": "127.0.0.1",
				"network.proxy.ssl_port": portOf(this.#names),
				"network.cookie.cookieBehavior.optInPartitioning": true,
			},
		};
	}

	/** Has every answer of the deployment set a cookie as a third party does that tracks people. */
	track() {
		this.tunnel.passes = (headers) => ({
			...headers,
			"set-cookie": [...(headers["set-cookie"] ?? []), `${TRACKER}=1; SameSite=None; Secure; Path=/`],
		});
	}

	/** A token for a page of this program. @param {string} name */
	async token(name) {
		const answer = await fetch(`${this.#world.listens}/api/v1/embed-tokens`, {
			method: "POST",
			headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
			body: JSON.stringify({ origin: `https://${name}` }),
		});
		if (answer.ok) this.tokens.push((await answer.clone().json()).token);
		return answer;
	}

	/** What the program may read of a call. @param {string} call */
	async call(call) {
		const headers = { authorization: `Bearer ${this.#key}` };
		return (await fetch(`${this.#world.listens}/api/v1/calls/${call}`, { headers })).json();
	}

	end() {
		this.tunnel.end();
		for (const server of [this.#pages, this.#names]) {
			server.close();
			server.closeAllConnections();
		}
		this.#issuer.end();
	}

	#forChromium() {
		const names = [ELSEWHERE, SIBLING, STRANGER].map((name) => [name, portOf(this.#pages)]);
		const rules = [...names, [SIGHTLINE, this.tunnel.port]].map(([name, port]) => `MAP ${name}:443 127.0.0.1:${port}`);
		return {
			from: { env: trusting(this.#issuer.folder, this.#issuer.root) },
			flags: [`--host-resolver-rules=${rules.join(", ")}`],
		};
	}

	/** The page of the documentation and the token for it. Other pages of the program are empty. */
	async #answer(asked, answer) {
		if (asked.url === "/sightline-token" && asked.method === "POST") {
			const made = await this.token(asked.headers.host);
			answer.writeHead(made.status, { "content-type": "application/json" });
			return answer.end(await made.text());
		}
		const page = asked.url === "/" ? EXAMPLE.replace(USUAL, `https://${SIGHTLINE}`) : "<!doctype html><title>-</title>";
		answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
		answer.end(page);
	}

	#certificates() {
		const made = new Map(
			[ELSEWHERE, SIBLING, STRANGER].map((name) => {
				const { chain, key } = this.#issuer.issue(name);
				return [name, createSecureContext({ cert: readFileSync(chain), key: readFileSync(key) })];
			}),
		);
		return (name, found) => found(null, made.get(name));
	}

	/** Leads a browser that asks a proxy for a name. */
	#connect({ url }, socket, head) {
		const [name] = (url ?? "").split(":");
		const port = name === SIGHTLINE ? this.tunnel.port : portOf(this.#pages);
		const onward = connect(port, "127.0.0.1", () => {
			socket.write("HTTP/1.1 200 OK\r\n\r\n");
			onward.write(head);
			onward.pipe(socket).pipe(onward);
		});
		for (const end of [onward, socket]) end.on("error", () => end.destroy());
	}
}

function listening(server) {
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const portOf = (server) => server.address().port;

/**
 * The frame that a program's page holds, as the page of a person: what is looked up is in the
 * frame, what is pressed and pictured is on the whole page.
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<unknown>} load loads the program's page
 */
export async function framed(page, load) {
	await load();
	const frame = await until("the frame is there", () =>
		page.frames().find((one) => one.url().startsWith(`https://${SIGHTLINE}/embed`)),
	);
	return new Proxy(frame, {
		get(of, name) {
			const owner = name in of ? of : page;
			const found = owner[name];
			return typeof found === "function" ? found.bind(owner) : found;
		},
	});
}

/** What the page of the documentation has noted: type and call of each message. */
export async function heard(page) {
	const lines = await page.evaluate(() => [...document.querySelectorAll("#news li")].map((line) => line.textContent));
	return lines.map((line) => line.trim().split(" "));
}
