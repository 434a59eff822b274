// The cloud's world on one machine: the real functions behind an emulator of API Gateway and
// CloudFront that reads template.yaml. MiniStack provides the table, the buckets, text messages and
// sign-in; the relay runs as a process.

import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BUILT, MEDIA_BUILT, ROOT } from "./built.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME, BUSINESS } from "./world.mjs";

const READY_MS = 120_000;
const STOP_MS = 30_000;
/** A relay exits at most 110 s after SIGTERM. */
const LEAVES_MS = 110_000;
/** A lease that was just renewed is valid for at least this long. */
const LEASE_MS = 40_000;
const EMAIL = "grace@example.com";
const PASSWORD = "Correct-horse-7-battery";

/** Flags of the desk and the equivalent parameters of the template. */
const PARAMETERS = {
	"--colour": (colour) => `BrandColour=${colour}`,
	"--invite-minutes": (minutes) => `InviteMinutes=${minutes}`,
	"--embed-origin": (origin) => `EmbedOrigins=${origin}`,
};
/** Flags of the desk without a value, and the equivalent variables of the functions. */
const VARIABLES = {
	"--webhook-private": "WEBHOOK_PRIVATE=true",
};
/** Flags of the desk that the relay's own program has too. */
const RELAYS = ["--media", "--announce"];

/**
 * Where a version's parts are.
 * @typedef {{ functions: string, relay: string, template: string, pages: string }} Version
 * @type {Version}
 */
export const NOW = {
	functions: BUILT,
	relay: MEDIA_BUILT,
	template: `${ROOT}template.yaml`,
	pages: `${ROOT}web/dist`,
};

/** @implements {import("./world.mjs").World} */
export class CloudWorld {
	base = "";
	/** What starts next: a story of an upgrade begins with the version before. */
	version = NOW;
	#folder = mkdtempSync(join(tmpdir(), "sightline-story-"));
	/** @type {string[][]} */
	#flags;
	/** @type {Awaited<ReturnType<typeof started>> | null} */
	#stack = null;
	/** @type {Awaited<ReturnType<typeof started>> | null} */
	#gateway = null;
	/** The relays' way to the functions, whose address stays when these are replaced. */
	#door = new Door();
	/** @type {ReturnType<typeof spawned>[]} */
	#relays = [];
	#log = [""];

	/** Variables of the functions, besides those of the template. @type {string[]} */
	#variables;

	/** @param {string[]} flags of the desk that the cloud supports too */
	constructor(flags = []) {
		this.#variables = flags.filter((flag) => flag in VARIABLES).map((flag) => VARIABLES[flag]);
		const valued = flags.filter((flag) => !(flag in VARIABLES));
		this.#flags = Array.from({ length: valued.length / 2 }, (_, at) => valued.slice(2 * at, 2 * at + 2));
	}

	get log() {
		return this.#log.join("");
	}

	async sign_in() {
		return `${this.base}/agent`;
	}

	async signs_in(page, email = EMAIL) {
		await page.goto(await this.sign_in());
		await page.getByRole("link", { name: "Sign in", exact: true }).click();
		await page.getByLabel("Username").fill(email);
		await page.getByLabel("Password").fill(PASSWORD);
		await page.getByRole("button", { name: "Sign in" }).click();
	}

	async texts() {
		const answer = await fetch(`${this.#endpoint}/_ministack/sns/sms-messages`);
		const { sms_messages } = await answer.json();
		// Grouped by number, and in order for each number; a story invites only one number.
		return Object.values(sms_messages).flat().map(sms);
	}

	async last_sms() {
		const newest = (await this.texts()).at(-1);
		if (newest === undefined) throw new Error("no text message was sent");
		return newest;
	}

	async pictures() {
		const bucket = `${this.#endpoint}/${this.#resources.Pictures}`;
		const listed = await (await this.#ask("s3", `${bucket}?list-type=2`)).text();
		const keys = [...listed.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key);
		return Promise.all(
			keys.map(async (key) => ({
				key,
				bytes: Buffer.from(await (await this.#ask("s3", `${bucket}/${key}`)).arrayBuffer()),
			})),
		);
	}

	async stored() {
		const rows = [];
		for (let next = {}; next !== undefined; ) {
			const { Items, LastEvaluatedKey } = await this.#call("dynamodb", "DynamoDB_20120810.Scan", {
				TableName: this.#resources.Table,
				...next,
			});
			rows.push(...Items.map(row));
			next = LastEvaluatedKey && { ExclusiveStartKey: LastEvaluatedKey };
		}
		return [...rows, ...(await this.pictures()).map(({ key, bytes }) => ({ name: key, bytes }))];
	}

	trusts(certificate) {
		this.#variables.push(`SSL_CERT_FILE=${certificate}`);
	}

	async kill() {
		await Promise.all([end(this.#gateway, "SIGKILL"), this.#endRelays()]);
	}

	async restart() {
		await Promise.all([end(this.#gateway, "SIGTERM"), this.#endRelays()]);
		await this.start();
	}

	async stop() {
		await Promise.all([end(this.#gateway, "SIGTERM"), this.#endRelays()]);
		await end(this.#stack, "SIGTERM");
		this.#door.close();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async start() {
		if (this.#stack === null) {
			this.#stack = await started(`${ROOT}.venv/stack/bin/python`, [`${ROOT}tests/cloud/stack.py`], {}, this.#log);
			writeFileSync(this.#resources_file, JSON.stringify(this.#stack.ready));
		}
		await this.#startGateway();
		await this.#admitsAgents();
		await this.addsRelay();
	}

	/** Replaces functions and pages by those of `version`. Relays stay, and every socket is cut. */
	async replacesFunctions() {
		await end(this.#gateway, "SIGTERM");
		await this.#startGateway();
	}

	/** The header with the source address that the emulator attributes a request to. */
	get source_header() {
		return "x-test-source";
	}

	/** The processes of the relays. */
	get relay_pids() {
		return this.#relays.map((relay) => relay.child.pid);
	}

	/** Kills every relay: on SIGTERM a relay would wait for its calls to end. */
	async #endRelays() {
		const relays = this.#relays.splice(0);
		await Promise.all(relays.map((relay) => end(relay, "SIGKILL")));
	}

	async #startGateway() {
		const { template, functions, pages } = this.version;
		const flags = ["--template", template, "--bin-dir", functions, "--resources", this.#resources_file];
		const address = this.base === "" ? "127.0.0.1:0" : new URL(this.base).host;
		const parameters = ["--param", `BusinessName=${BUSINESS}`, "--page-dir", pages];
		// Tokens name AWS as the issuer, but the emulator serves the provider's pages.
		parameters.push(
			"--env",
			`DISCOVERY=${this.#endpoint}/${this.#resources.UserPool}/.well-known/openid-configuration`,
		);
		parameters.push(...this.#variables.flatMap((variable) => ["--env", variable]));
		for (const [flag, value] of this.#flags.filter(([flag]) => !RELAYS.includes(flag))) {
			const known = PARAMETERS[flag];
			if (known === undefined) throw new Error(`the cloud's world does not support ${flag}`);
			parameters.push("--param", known(value));
		}
		this.#gateway = await started(
			join(BUILT, "sightline-gateway"),
			[...flags, "--listen", address, ...parameters],
			{},
			this.#log,
		);
		this.base = this.#gateway.ready.page;
		// An earlier version had one socket for pages and relays.
		const { sockets } = this.#gateway.ready;
		await this.#door.leadsTo(sockets.relay ?? Object.values(sockets)[0]);
	}

	/** Sets up the user pool as after a first deployment: callback URLs and one agent. */
	async #admitsAgents() {
		const pool = { UserPoolId: this.#resources.UserPool };
		const origin = this.base;
		await this.#cognito("UpdateUserPoolClient", {
			...pool,
			ClientId: this.#resources.UserPoolClient,
			CallbackURLs: [`${origin}/api/sign-in/back`],
			LogoutURLs: [`${origin}/agent`],
			AllowedOAuthFlows: ["code"],
			AllowedOAuthFlowsUserPoolClient: true,
			AllowedOAuthScopes: ["openid", "email", "profile"],
			SupportedIdentityProviders: ["COGNITO"],
		});
		await this.addsAgent(EMAIL, AGENT_NAME);
		// As the desk's agent is.
		await this.#cognito("AdminAddUserToGroup", { ...pool, Username: EMAIL, GroupName: "admin" });
	}

	/** Adds an agent to the user pool, who is no admin. */
	async addsAgent(email, name) {
		const pool = { UserPoolId: this.#resources.UserPool };
		const attributes = Object.entries({ email, email_verified: "true", name });
		const UserAttributes = attributes.map(([Name, Value]) => ({ Name, Value }));
		const user = { ...pool, Username: email };
		await this.#cognito("AdminCreateUser", { ...user, UserAttributes, MessageAction: "SUPPRESS" }, [400]);
		await this.#cognito("AdminSetUserPassword", { ...user, Password: PASSWORD, Permanent: true });
	}

	/** Starts another relay and waits until it holds a lease. */
	async addsRelay() {
		const { SecretString } = await this.#call("secretsmanager", "secretsmanager.GetSecretValue", {
			SecretId: this.#resources.RelayKey,
		});
		const environment = { SIGHTLINE_RELAY_KEY: SecretString, SIGHTLINE_HOME: this.#door.url };
		const since = Date.now();
		const flags = [["--media", "127.0.0.1:0"], ...this.#flags].filter(([flag]) => RELAYS.includes(flag));
		// A story's flags override these defaults.
		const named = ["--media-tcp", "127.0.0.1:0", ...[...new Map(flags)].flat()];
		const relay = spawned(join(this.version.relay, "sightline-relay"), named, environment, this.#log);
		this.#relays.push(relay);
		await until(
			"a relay holds a lease",
			async () => {
				if (relay.child.exitCode !== null) throw new Error(`the relay exited: ${this.log.slice(-2_000)}`);
				const fresh = (await this.#leases()).filter((lease) => lease.lease_until_ms > since + LEASE_MS);
				return fresh.filter((lease) => !lease.draining).length === this.#relays.length;
			},
			READY_MS,
		);
	}

	/**
	 * Stops the oldest relay with SIGTERM, as a deployment does. Waits for it to exit and returns
	 * how long that took.
	 */
	async stopsOldestRelay() {
		const relay = this.#relays.shift();
		const began = performance.now();
		relay.child.kill("SIGTERM");
		await until("the relay exits", () => relay.child.exitCode !== null || relay.child.signalCode !== null, LEAVES_MS);
		return performance.now() - began;
	}

	/** Stores the first keys of the table: only an admin's page could ask for one. */
	async api_key(scopes) {
		const secret = randomBytes(32);
		const hash = [...createHash("sha256").update(secret).digest()];
		const ring = { v: 1, revision: 1, keys: [{ hash, name: "Program", scopes, made_at_ms: Date.now() }] };
		const body = Buffer.from(JSON.stringify(ring)).toString("base64");
		await this.#call("dynamodb", "DynamoDB_20120810.PutItem", {
			TableName: this.#resources.Table,
			Item: { pk: { S: "api-keys" }, sk: { S: "0" }, rev: { N: "1" }, body: { B: body } },
		});
		return `slk_${secret.toString("base64url")}`;
	}

	async agent_subject() {
		const asked = { UserPoolId: this.#resources.UserPool, Username: EMAIL };
		const { UserAttributes } = await this.#cognito("AdminGetUser", asked);
		return UserAttributes.find(({ Name }) => Name === "sub").Value;
	}

	async #leases() {
		const { Items } = await this.#call("dynamodb", "DynamoDB_20120810.Query", {
			TableName: this.#resources.Table,
			KeyConditionExpression: "pk = :relays",
			ExpressionAttributeValues: { ":relays": { S: "relays" } },
		});
		return Items.map(({ body }) => JSON.parse(Buffer.from(body.B, "base64").toString()));
	}

	get #resources_file() {
		return join(this.#folder, "resources.json");
	}

	get #endpoint() {
		return this.#stack.ready.endpoint;
	}

	get #resources() {
		return this.#stack.ready.resources;
	}

	#cognito(action, asked, fine = []) {
		return this.#call("cognito-idp", `AWSCognitoIdentityProviderService.${action}`, asked, fine);
	}

	/** Calls an AWS service that uses JSON. */
	async #call(service, target, asked, fine = []) {
		const answer = await this.#ask(service, this.#endpoint, {
			method: "POST",
			headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
			body: JSON.stringify(asked),
		});
		const text = await answer.text();
		if (!answer.ok && !fine.includes(answer.status)) throw new Error(`${target}: ${answer.status} ${text}`);
		return JSON.parse(text || "{}");
	}

	/** Sends a request. Without IAM the emulator reads the service's name from the signature. */
	#ask(service, url, options = {}) {
		const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${this.#stack.ready.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
		return fetch(url, { ...options, headers: { ...options.headers, authorization } });
	}
}

/** Passes connections on to an address that may change. Its own stays. */
class Door {
	#path = "";
	#to = { host: "", port: 0 };
	/** @type {import("node:net").Server | null} */
	#server = null;

	/** @param {string} url */
	async leadsTo(url) {
		const { hostname, port, pathname } = new URL(url);
		this.#to = { host: hostname, port: Number(port) };
		this.#path = pathname;
		if (this.#server !== null) return;
		this.#server = createServer((near) => {
			const far = connect(this.#to);
			near.pipe(far).pipe(near);
			near.on("error", () => far.destroy());
			far.on("error", () => near.destroy());
		});
		await new Promise((resolve) => this.#server?.listen(0, "127.0.0.1", resolve));
	}

	get url() {
		return `ws://127.0.0.1:${this.#server?.address().port}${this.#path}`;
	}

	close() {
		this.#server?.close();
	}
}

/** A row of the table: its key, and all that it has, bytes as they are. */
function row(item) {
	const bytes = Object.values(item).map(({ B, ...text }) => Buffer.from(B ?? JSON.stringify(text), B && "base64"));
	return { name: `${item.pk.S} ${item.sk.S}`, bytes: Buffer.concat(bytes) };
}

/** @returns {import("./world.mjs").Sms} */
function sms(message) {
	const { PhoneNumber: to, Message: text } = message;
	return { to, text, link: /https?:\/\/\S+/.exec(text)?.[0] ?? "" };
}

function spawned(program, parameters, environment, log) {
	const child = spawn(program, parameters, {
		stdio: ["pipe", "pipe", "pipe"],
		env: { ...process.env, ...environment },
	});
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => log.push(text));
	return { child };
}

/** Starts a process that prints one line of JSON when ready and exits when its stdin closes. */
async function started(program, parameters, environment, log) {
	const { child } = spawned(program, parameters, environment, log);
	const lines = [];
	createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
	await until(
		`${program} is ready`,
		() => {
			if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}: ${log.join("").slice(-2_000)}`);
			return lines.length > 0;
		},
		READY_MS,
	);
	return { child, ready: JSON.parse(lines[0]) };
}

async function end(running, signal) {
	if (running === null) return;
	const { child } = running;
	const ended = () => child.exitCode !== null || child.signalCode !== null;
	if (ended()) return;
	child.kill(signal);
	try {
		await until(`${child.spawnfile} exits after ${signal}`, ended, STOP_MS);
	} finally {
		child.kill("SIGKILL");
	}
}
