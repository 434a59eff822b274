// Certificates as a public authority issues them, and what stands in front of a desk with one.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import { request as plain } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A root, and an authority below it that issues certificates for names. */
export class Issuer {
	folder = mkdtempSync(join(tmpdir(), "sightline-issuer-"));

	constructor() {
		const authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n";
		this.#key("root");
		const root = ["req", "-x509", "-new", "-key", "root.key", "-subj", "/CN=root", "-days", "2", "-out", "root.crt"];
		this.#openssl(...root, "-addext", "keyUsage=critical,keyCertSign,cRLSign");
		this.#issue("issuer", "root", authority);
	}

	/** The root (PEM), all that a client trusts. */
	get root() {
		return readFileSync(join(this.folder, "root.crt"), "utf8");
	}

	/**
	 * Issues a certificate for a DNS name.
	 * @param {string} name
	 * @returns {{ chain: string, key: string }} paths of the certificate with its issuer's, and of
	 *   its key
	 */
	issue(name) {
		this.#issue(name, "issuer", `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth\n`);
		const chain = join(this.folder, `${name}.chain`);
		const parts = [name, "issuer"].map((of) => readFileSync(join(this.folder, `${of}.crt`), "utf8"));
		writeFileSync(chain, parts.join(""));
		return { chain, key: join(this.folder, `${name}.key`) };
	}

	end() {
		rmSync(this.folder, { recursive: true, force: true });
	}

	#key(name) {
		this.#openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.key`);
	}

	/** @param {string} extensions lines of an extension file */
	#issue(name, by, extensions) {
		writeFileSync(join(this.folder, `${name}.ext`), extensions);
		this.#key(name);
		this.#openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-out", `${name}.csr`);
		const signed = ["-CA", `${by}.crt`, "-CAkey", `${by}.key`, "-CAcreateserial", "-days", "1"];
		this.#openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-extfile", `${name}.ext`, "-out", `${name}.crt`);
	}

	#openssl(...parameters) {
		execFileSync("openssl", parameters, { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
	}
}

/**
 * A tunnel to a desk: ends HTTPS, keeps `Host` and appends the client's address to
 * `X-Forwarded-For`, as the documentation asks of one.
 */
export class Tunnel {
	/** Paths of requests, of WebSockets too. @type {string[]} */
	seen = [];
	/** Names of the cookies that browsers sent. @type {Set<string>} */
	cookies = new Set();
	/** Origin of the desk, set once it runs. */
	desk = "";
	/** Changes headers of answers. @type {(headers: Record<string, any>) => Record<string, any>} */
	passes = (headers) => headers;
	#server;
	#sockets = new Set();

	/** @param {{ chain: string, key: string }} certificate */
	static async with({ chain, key }) {
		const tunnel = new Tunnel();
		tunnel.#server = createServer({ cert: readFileSync(chain), key: readFileSync(key) }, (asked, answer) =>
			tunnel.#pass(asked, answer),
		);
		tunnel.#server.on("upgrade", (asked, socket, head) => tunnel.#upgrade(asked, socket, head));
		tunnel.#server.on("connection", (socket) => tunnel.#sockets.add(socket));
		await new Promise((resolve) => tunnel.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
		return tunnel;
	}

	get port() {
		return this.#server.address().port;
	}

	end() {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
	}

	#headers(asked) {
		this.seen.push(asked.url);
		for (const pair of asked.headers.cookie?.split("; ") ?? []) this.cookies.add(pair.split("=")[0]);
		const before = asked.headers["x-forwarded-for"];
		const client = asked.socket.remoteAddress;
		return { ...asked.headers, "x-forwarded-for": before === undefined ? client : `${before}, ${client}` };
	}

	#pass(asked, answer) {
		const { hostname, port } = new URL(this.desk);
		const onward = plain({ hostname, port, method: asked.method, path: asked.url, headers: this.#headers(asked) });
		onward.on("response", (response) => {
			answer.writeHead(response.statusCode, this.passes(response.headers));
			response.pipe(answer);
		});
		onward.on("error", () => answer.destroy());
		asked.pipe(onward);
	}

	#upgrade(asked, socket, head) {
		const { hostname, port } = new URL(this.desk);
		const onward = connect(Number(port), hostname);
		const lines = Object.entries(this.#headers(asked)).map(([name, value]) => `${name}: ${value}\r\n`);
		onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
		onward.write(head);
		onward.pipe(socket).pipe(onward);
		for (const end of [onward, socket]) end.on("error", () => end.destroy());
	}
}

/**
 * Asks a server at an address by a name that no name server knows.
 * @param {string} at its origin by address
 * @param {string} name
 * @param {string} path
 * @param {{ ca?: string, headers?: Record<string, string>, body?: unknown }} more `ca`: PEM
 * @returns {Promise<{ status: number, headers: Record<string, string | string[]>, body: string }>}
 *   status 101 for a WebSocket
 */
export function asks(at, name, path, { ca, headers = {}, body } = {}) {
	const { hostname, port } = new URL(at);
	const text = body === undefined ? undefined : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const asked = request({
			hostname,
			port,
			path,
			servername: name,
			ca,
			agent: false,
			method: text === undefined ? "GET" : "POST",
			headers: {
				host: name,
				...(text === undefined ? {} : { "content-type": "application/json", origin: `https://${name}` }),
				...headers,
			},
		});
		asked.on("error", reject);
		asked.on("upgrade", (response, socket) => {
			socket.destroy();
			resolve({ status: response.statusCode, headers: response.headers, body: "" });
		});
		asked.on("response", async (response) => {
			const parts = await response.toArray();
			resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() });
		});
		asked.end(text);
	});
}
