// Another place in the network: a namespace. Programs in it see this machine as another one.

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Only root lays cables. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ["sudo", "-n"];

/** A network namespace in which programs run. */
export class Programs {
	name;
	#folder = mkdtempSync(join(tmpdir(), "sightline-elsewhere-"));

	/** @param {string} name of the namespace, which is there or is made next */
	constructor(name) {
		this.name = name;
	}

	/** A program that runs another one there. @param {string} program */
	program(program) {
		const path = join(this.#folder, `run-${program.split("/").at(-1)}`);
		writeFileSync(path, `#!/bin/sh\nexec ${[...AS_ROOT, "ip", "netns", "exec", this.name, program].join(" ")} "$@"\n`);
		chmodSync(path, 0o755);
		return path;
	}

	/**
	 * A home folder whose browsers trust a certificate authority, as a person would make them.
	 * @param {string} authority PEM
	 */
	homeThatTrusts(authority) {
		return trusting(this.#folder, authority);
	}

	/**
	 * What a script prints that Node.js runs there.
	 * @param {string} script
	 * @param {NodeJS.ProcessEnv} env
	 */
	says(script, env = {}) {
		const program = this.program(process.execPath);
		const options = {
			encoding: "utf8",
			env: { ...process.env, ...env },
			stdio: ["ignore", "pipe", "pipe"],
			timeout: 60_000,
		};
		return execFileSync(program, ["--input-type=module", "-e", script], options).trim();
	}

	end() {
		root("ip", "netns", "del", this.name);
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** Runs a command there and waits for its end. @param {string[]} command */
	run(...command) {
		root("ip", "netns", "exec", this.name, ...command);
	}
}

/**
 * A namespace with a cable to this machine. The cable is an event for each browser of this machine
 * that loads a page: only files that run alone (see `../run.mjs`) lay one.
 */
export class Elsewhere extends Programs {
	/**
	 * The address of this machine, and the one in the namespace.
	 * @type {{ here: string, there: string }}
	 */
	addresses;
	#cable;

	/** @param {"IPv4" | "IPv6"} family the only one in the namespace */
	constructor(family) {
		super(`sl-${family.toLowerCase()}-${process.pid}`);
		const n = process.pid % 250;
		const [here, there] = [`sl${n}${family.at(-1)}h`, `sl${n}${family.at(-1)}t`];
		const net = family === "IPv4" ? `10.213.${n}.` : `fd5a:${n}::`;
		this.addresses = { here: `${net}1`, there: `${net}2` };
		this.#cable = here;
		const bits = family === "IPv4" ? "/24" : "/64";
		const nodad = family === "IPv4" ? [] : ["nodad"];
		root("ip", "netns", "add", this.name);
		root("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", this.name);
		// The kernel tries a link's own address for two seconds before it is valid. A browser that
		// sees an address come gives up the pages that it loads (ERR_NETWORK_CHANGED).
		root("ip", "link", "set", here, "addrgenmode", "none");
		this.run("ip", "link", "set", there, "addrgenmode", "none");
		root("ip", "addr", "add", this.addresses.here + bits, "dev", here, ...nodad);
		root("ip", "link", "set", here, "up");
		this.run("ip", "link", "set", "lo", "up");
		if (family === "IPv4") this.run("sysctl", "-qw", `net.ipv6.conf.${there}.disable_ipv6=1`);
		this.run("ip", "addr", "add", this.addresses.there + bits, "dev", there, ...nodad);
		this.run("ip", "link", "set", there, "up");
		this.run("ip", "route", "add", "default", "via", this.addresses.here);
	}

	/** It would go with the namespace, but some time later: under the eyes of the next browsers. */
	end() {
		root("ip", "link", "del", this.#cable);
		super.end();
	}
}

/**
 * Makes a folder a home whose browsers trust a certificate authority.
 * @param {string} folder
 * @param {string} authority PEM
 */
export function trusting(folder, authority) {
	const file = trustIn(join(folder, ".pki", "nssdb"), authority);
	return { HOME: folder, NODE_EXTRA_CA_CERTS: file };
}

/**
 * Makes a profile for a Firefox that trusts a certificate authority.
 * @param {string} authority PEM
 */
export function trustingProfile(authority) {
	const folder = mkdtempSync(join(tmpdir(), "sightline-profile-"));
	trustIn(folder, authority);
	return folder;
}

function trustIn(store, authority) {
	mkdirSync(store, { recursive: true });
	const file = join(store, "trusted.crt");
	writeFileSync(file, authority);
	execFileSync("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
	execFileSync("certutil", ["-d", `sql:${store}`, "-A", "-a", "-n", "desk", "-t", "C,,", "-i", file]);
	return file;
}

/** Runs a command as root. @param {string[]} command */
export function root(...command) {
	const [program, ...parameters] = [...AS_ROOT, ...command];
	execFileSync(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
}
