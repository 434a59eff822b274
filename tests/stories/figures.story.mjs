// Figures and exports: three calls that end differently are exported, erased, and counted. The
// table is read by Python's reader of CSV, which knows nothing of this house.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { everybodyCanUse } from "./axe.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

/** A name that a program for tables would compute. */
const FORMULA = '=1+1,"x"';

const STEPS = { Invited: 3, "Opened the link": 2, "Allowed camera or microphone": 1, Joined: 1 };

story("three calls are exported, erased and counted", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	const { page } = agent;
	const before = await figures(page);
	if (!isCloud()) await nothingYet(agent);

	const calls = [await isJoined(agent, customer, world), await isLeft(agent, customer, world), await isUnused(agent)];
	const lines = await exports(agent, calls);
	assert.equal(lines.csv.length, lines.json.length);

	for (const call of calls) await erases(page, call);
	const after = await figures(page);
	const more = (of) => of(after) - of(before);
	const counted = [
		more((told) => told.funnel.invited),
		more((told) => told.funnel.opened),
		more((told) => told.funnel.allowed),
		more((told) => told.funnel.joined),
	];
	// Calls of other stories end meanwhile where they share a deployment.
	if (isCloud())
		assert.ok(
			counted.every((calls, at) => calls >= [3, 2, 1, 1][at]),
			`${counted}`,
		);
	else assert.deepEqual(counted, [3, 2, 1, 1]);
	await looksAtFigures(agent);
});

const isCloud = () => process.env.SIGHTLINE_WORLD === "cloud";

async function nothingYet(agent) {
	await agent.page.getByRole("link", { name: "Admin", exact: true }).click();
	await agent.sees("Figures");
	await agent.page.getByText("No call was counted in this period.").waitFor();
	await everybodyCanUse(agent, "agent-figures-none");
	await startsAnother(agent);
}

/** A call that both join, and whose customer has the name of a formula. */
async function isJoined(agent, customer, world) {
	await agent.invites();
	const call = await callOf(agent.page);
	const { link } = await world.last_sms();
	await customer.opens(link);
	await customer.joins(FORMULA);
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await agent.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	return call;
}

/** A call whose customer comes as far as the lobby. */
async function isLeft(agent, customer, world) {
	await startsAnother(agent);
	await agent.invites();
	const call = await callOf(agent.page);
	const { link } = await world.last_sms();
	await customer.opens(link);
	// The first tap opens the link. The camera is not asked for.
	await customer.field("Your name").tap();
	await agent.waitsAt(/In the lobby/);
	await agent.cancels();
	await agent.sees("Call ended");
	return call;
}

/** A call whose link nobody opens. */
async function isUnused(agent) {
	await startsAnother(agent);
	await agent.invites();
	const call = await callOf(agent.page);
	await agent.cancels();
	await agent.sees("Call ended");
	return call;
}

async function startsAnother(agent) {
	await agent.page.evaluate(() => {
		location.hash = "";
	});
	await agent.sees("Start a call");
}

/** The page knows its address before the test hears of it. */
async function callOf(page) {
	const hash = await page.evaluate(() => location.hash);
	assert.match(hash, /^#call=/);
	return hash.replace("#call=", "");
}

/** What the API tells of the last thirty days. */
async function figures(page) {
	return page.evaluate(async () => (await fetch("/api/figures")).json());
}

async function erases(page, call) {
	const status = await page.evaluate(async (path) => {
		const answer = await fetch(path, { method: "DELETE" });
		return answer.status;
	}, `/api/sessions/${call}`);
	assert.equal(status, 200);
}

/** Exports the period in both formats, and reads the files. */
async function exports(agent, calls) {
	const { page } = agent;
	await startsAnother(agent);
	await page.getByRole("link", { name: "Admin", exact: true }).click();
	await agent.sees("Figures");
	const csv = fromCsv(await downloads(agent, "Export as CSV"));
	const json = JSON.parse(readFileSync(await downloads(agent, "Export as JSON"), "utf8"));
	const [joined, left, unused] = calls.map((call) => csv.find((line) => isOf(line, call)));
	assert.equal(joined.customer, `'${FORMULA}`, "no program computes it");
	assert.equal(json.find((line) => line.call === calls[0]).customer, FORMULA);
	assert.deepEqual(
		[joined.reason, left.reason, unused.reason],
		["agent_ended", "invite_cancelled", "invite_cancelled"],
	);
	assert.match(joined.number, /^•••\d{3}$/);
	assert.match(joined.joined, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	assert.deepEqual([left.joined, unused.length_s], ["", ""]);
	return { csv, json };
}

/** One id in 64 begins with a minus, which a program for tables would take for a formula. */
const isOf = (line, call) => line.call === (call.startsWith("-") ? `'${call}` : call);

async function downloads(agent, name) {
	const coming = agent.page.waitForEvent("download");
	await agent.button(name).click();
	const file = await (await coming).path();
	assert.ok(file);
	return file;
}

const READER = `
import csv, json, sys
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    print(json.dumps(list(csv.DictReader(file, strict=True))))
`;

function fromCsv(file) {
	const bytes = readFileSync(file);
	assert.equal(bytes.subarray(0, 3).toString("hex"), "efbbbf", "it says that it is UTF-8");
	const text = bytes.toString("utf8");
	assert.equal(text.replaceAll("\r\n", "").search(/[\r\n]/), -1, "lines end as RFC 4180 says");
	return JSON.parse(execFileSync("python3", ["-c", READER, file], { encoding: "utf8" }));
}

async function looksAtFigures(agent) {
	const { page } = agent;
	await page.reload();
	const funnel = page.getByRole("region", { name: "How far calls got", exact: true });
	await funnel.getByText("As a table").click();
	for (const [step, least] of Object.entries(STEPS)) {
		const row = funnel.getByRole("row").filter({ has: page.getByRole("rowheader", { name: step, exact: true }) });
		await until(`${step} is counted`, async () => Number(await row.getByRole("cell").textContent()) >= least);
	}
	for (const chart of ["Calls by day", "Why the customer did not join", "Length of calls", "Browsers of customers"]) {
		await page.getByRole("region", { name: chart, exact: true }).waitFor();
	}
	await page.getByText("How long things are kept").waitFor();
	await everybodyCanUse(agent, "agent-figures");
	await photograph(agent, "agent-figures");
	await agent.field("From").fill("2020-01-01");
	await page.getByText("Please choose two days in order, at most 93 days in all.").waitFor();
	await agent.field("To").fill("2020-01-31");
	await page.getByText("No call was counted in this period.").waitFor();
	await page.getByRole("link", { name: "Audit log", exact: true }).click();
	for (const deed of ["looked at the figures", "exported calls"]) await page.getByText(deed).first().waitFor();
}
