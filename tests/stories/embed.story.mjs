// The agent's page inside another program: on another site, whose third-party cookies the browser
// blocks, and on a sibling domain where an agent is signed in. The page of the program is the
// documentation's.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { ELSEWHERE, framed, heard, SIBLING, SIGHTLINE, Sites, STRANGER, TRACKER } from "./sites.mjs";
import { moves } from "./senses.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

const COOKIE = "__Host-embed";

for (const [name, outfit] of [
	["Chromium", (sites) => sites.chromium],
	["Firefox", (sites) => sites.firefox()],
]) {
	story(`in ${name} an agent works in a frame on another site, from the invite to the end`, (stage) =>
		works(stage, outfit),
	);
}

/** @param {(sites: Sites) => import("./people.mjs").Outfit} outfit */
async function works(stage, outfit) {
	const { world, sites } = await around(stage);
	try {
		sites.track();
		const browser = await stage.stranger(world, outfit(sites));
		const { agent, page } = await opens(stage, world, sites, ELSEWHERE, browser);
		await agent.sees("Start a call");
		await becomes("the number", () => agent.field("Phone number").first().inputValue(), "+4915112345678");
		await becomes("the reference", () => agent.field("Call reference").first().inputValue(), "CLAIM-2026-1");
		const language = agent.page.getByRole("combobox", { name: "Language of the message" }).first();
		await becomes("the language", () => language.inputValue(), "de");
		// The customer of this story reads English.
		await language.evaluate((select) => {
			select.value = "en";
			select.dispatchEvent(new Event("change", { bubbles: true }));
		});
		for (const name of ["Admin", "Sign out"]) assert.equal(await agent.page.getByText(name).count(), 0, name);
		assert.deepEqual([...sites.tunnel.cookies], [COOKIE], "the browser keeps no other cookie of a third party");

		const customer = await stage.customer(world, sites.chromium);
		await agent.button("Send invite").click();
		await agent.sees("Waiting for the customer");
		await customer.opens((await until("the invite is sent", () => world.last_sms())).link);
		await customer.joins();
		await Promise.all([agent.isInCall(), customer.isInCall()]);
		await moves(agent.remote);
		await agent.switches("Camera", true);
		await moves(customer.remote);
		await agent.says("Which valve is it?");
		await customer.reads("Which valve is it?");
		await customer.says("The left one.");
		await agent.reads("The left one.");
		await agent.closesChat();
		await agent.button("Take screenshot").click();
		await hears(page, "picture");
		await agent.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);

		await hears(page, "ended");
		const news = await heard(page);
		assert.deepEqual(
			news.map(([type]) => type),
			["ready", "invited", "joined", "picture", "ended"],
		);
		const [call] = new Set(news.slice(1).map(([, id]) => id));
		assert.ok(news.slice(1).every(([, id]) => id === call));
		const { reference, reason } = await sites.call(call);
		assert.deepEqual([reference, reason], ["CLAIM-2026-1", "agent_ended"]);
		// Firefox says that it blocks the other cookie.
		agent.faults = agent.faults.filter((fault) => !fault.includes(`“${TRACKER}” has been rejected`));
	} finally {
		sites.end();
	}
}

story("on a sibling domain the frame's agent counts, not the one who is signed in", async (stage) => {
	const { world, sites } = await around(stage);
	try {
		const outside = await stage.agent(world, sites.chromium);
		await outside.page.getByRole("link", { name: "Admin", exact: true }).waitFor();
		const asked = [];
		outside.context.on("request", (request) => asked.push(request));
		const { agent, page } = await opens(stage, world, sites, SIBLING, outside);
		await agent.sees("Start a call");
		const me = await until("the frame asks who it is", () => asked.find((one) => one.url().endsWith("/api/me")));
		const { cookie } = await me.allHeaders();
		for (const name of ["__Host-agent=", `${COOKIE}=`]) assert.ok(cookie.includes(name), `${name} comes along`);
		assert.equal((await (await me.response()).json()).role, "agent");
		assert.equal(await agent.page.getByRole("link", { name: "Admin", exact: true }).count(), 0);

		await says(page, { sightline: 1, type: "sign-out" });
		await agent.sees("You are signed out here");
		const status = await agent.page.evaluate(async () => {
			const through = { "sightline-door": "embed" };
			const [frame, own] = await Promise.all([fetch("/api/me", { headers: through }), fetch("/api/me")]);
			return [frame.status, own.status];
		});
		assert.deepEqual(status, [401, 200], "only the frame is signed out");
	} finally {
		sites.end();
	}
});

story("the frame opens for nobody who may not: strangers, used tokens, other windows", async (stage) => {
	const { world, sites } = await around(stage);
	try {
		const { agent, page } = await opens(stage, world, sites, ELSEWHERE);
		await agent.sees("Start a call");

		// The token of before, for a page that loads again.
		await page.route("**/sightline-token", (route) => route.fulfill({ json: { token: sites.tokens.at(-1) } }));
		agent.page = await framed(page, () => page.reload());
		await agent.sees("Signing in was refused");
		assert.deepEqual(await heard(page), []);

		// A page beside the frame, of the program itself, says a fresh token: it does not hold it.
		await page.route("**/sightline-token", (route) => route.fulfill({ status: 503 }));
		agent.page = await framed(page, () => page.reload());
		const { token } = await (await sites.token(ELSEWHERE)).json();
		await page.evaluate(
			async (said) => {
				const beside = document.createElement("iframe");
				beside.src = "/empty";
				const loaded = new Promise((resolve) => beside.addEventListener("load", resolve));
				document.body.append(beside);
				await loaded;
				const script = beside.contentDocument.createElement("script");
				script.textContent = `parent.frames[0].postMessage(${JSON.stringify(said)}, "*")`;
				beside.contentDocument.body.append(script);
			},
			{ sightline: 1, type: "token", token },
		);
		// Messages come in order: once this one is answered, that one was heard and let be.
		await says(page, { sightline: 1, type: "token", token: "1.e30.c2ln" });
		await agent.sees("Signing in was refused");
		await says(page, { sightline: 1, type: "token", token });
		await agent.sees("Start a call");

		await page.unroute("**/sightline-token");
		const refused = page.waitForEvent("requestfailed", (request) => request.url() === `https://${SIGHTLINE}/embed`);
		await page.goto(`https://${STRANGER}/`);
		assert.match((await refused).failure().errorText, /BLOCKED_BY_RESPONSE/);
		// The browser's refusal is no fault of the page.
		agent.faults.splice(0);
	} finally {
		sites.end();
	}
});

story("where the browser keeps no cookie the frame says so, and outside a frame it says where to go", async (stage) => {
	const { world, sites } = await around(stage);
	try {
		sites.tunnel.passes = ({ "set-cookie": _, ...headers }) => headers;
		const { agent, page } = await opens(stage, world, sites, ELSEWHERE);
		await agent.sees("This browser keeps no cookie here");
		await agent.page.getByText(`Please allow cookies of ${SIGHTLINE}`).waitFor();
		assert.deepEqual(await heard(page), []);
		agent.page = page;
		await page.goto(`https://${SIGHTLINE}/embed`);
		await agent.sees("This page belongs inside another program");
		await everybodyCanUse(agent, "embed-alone");
	} finally {
		sites.end();
	}
});

async function around(stage) {
	const world = await stage.world(...Sites.desk);
	return { world, sites: await Sites.around(world) };
}

/**
 * Opens the page of a program. The agent then works in its frame.
 * @param {import("./people.mjs").Agent} [before] a browser that is open
 */
async function opens(stage, world, sites, name, before) {
	const agent = before ?? (await stage.stranger(world, sites.chromium));
	const { page } = agent;
	agent.page = await framed(page, () => page.goto(`https://${name}/`));
	return { agent, page };
}

/** Waits for news of the frame on the program's page. */
async function hears(page, type) {
	await until(`the program hears ${type}`, async () => (await heard(page)).some(([said]) => said === type), 15_000);
}

function says(page, message) {
	return page.evaluate(
		([said, to]) => document.querySelector("iframe").contentWindow.postMessage(said, to),
		[message, `https://${SIGHTLINE}`],
	);
}
