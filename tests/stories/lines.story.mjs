// The lines that a deployment has ready for the chat: an admin writes them, every agent finds them,
// and no admin overwrites another one's unseen.

import assert from "node:assert/strict";
import { everybodyCanUse } from "./axe.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME } from "./world.mjs";

const FIELD = "Lines for everybody";
const PASTED =
	"  Please hold the phone still for a moment.\t\r\n\r\n• “Turn the valve” – slowly! 🔧\u00a0\r\nمن فضلك وجّه الكاميرا إلى اللوحة.\r\nPlease hold the phone still for a moment.\r\n";
const KEPT = [
	"Please hold the phone still for a moment.",
	"• “Turn the valve” – slowly! 🔧",
	"من فضلك وجّه الكاميرا إلى اللوحة.",
];

story("what an admin writes, an agent finds in a call that runs, and sends when the agent sends it", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	const asked = [];
	customer.page.on("request", (request) => asked.push(request.url()));
	await agent.opensChat();
	const list = agent.page.getByText("Ready lines", { exact: true });
	await list.click();
	await agent.page.getByText("There are no lines yet.", { exact: false }).waitFor();
	await list.click();

	const admin = await stage.agent(world);
	await opensLines(admin);
	await admin.field(FIELD).fill(PASTED);
	await saves(admin);
	assert.equal(await admin.field(FIELD).inputValue(), KEPT.join("\n"), "the field shows what was saved");
	await everybodyCanUse(admin, "agent-lines");
	await photograph(admin, "agent-lines");

	await agent.field("Message").fill("Ada,");
	await list.click();
	const everybodys = agent.page.getByRole("list", { name: "For everybody", exact: true });
	await everybodys.waitFor();
	assert.deepEqual(await everybodys.getByRole("button").allTextContents(), KEPT);
	await everybodyCanUse(agent, "agent-ready-lines-all");
	await photograph(agent, "agent-ready-lines-all");
	await agent.button(KEPT[1]).click();
	assert.equal(await agent.field("Message").inputValue(), `Ada, ${KEPT[1]}`);
	assert.equal(await agent.log.getByText(KEPT[1]).count(), 0, "nothing is sent yet");
	await agent.page.keyboard.press("Enter");
	await customer.reads(`Ada, ${KEPT[1]}`);
	await everybodyCanUse(agent, "agent-chat-own");
	assert.deepEqual(
		asked.filter((url) => url.includes("/lines")),
		[],
		"the customer's page does not ask for them",
	);

	await admin.page.getByRole("link", { name: "Audit log", exact: true }).click();
	const line = admin.page.getByRole("row", { name: new RegExp(`${AGENT_NAME} changed the ready lines`) });
	await line.first().waitFor();
	assert.ok(!(await admin.page.content()).includes(KEPT[1]), "the audit log does not quote them");
});

story("of two admins who write at the same time none loses what they wrote", async (stage) => {
	const world = await stage.world();
	const [one, other] = await Promise.all([stage.agent(world), stage.agent(world)]);
	await Promise.all([opensLines(one), opensLines(other)]);
	await one.field(FIELD).fill("One.\nBoth.");
	await saves(one);

	await other.field(FIELD).fill("Other.\nBoth.");
	await other.button("Save lines").click();
	const theirs = other.page.getByRole("list", { name: "What was saved meanwhile", exact: true });
	await theirs.waitFor();
	assert.deepEqual(await theirs.getByRole("listitem").allTextContents(), ["One.", "Both."]);
	assert.equal(await other.field(FIELD).inputValue(), "Other.\nBoth.", "the field keeps the admin's own");
	await everybodyCanUse(other, "agent-lines-changed");
	await photograph(other, "agent-lines-changed");
	await other.button("Put both together").click();
	await other.page.getByText("Not saved yet.", { exact: true }).waitFor();
	assert.equal(await other.field(FIELD).inputValue(), "One.\nBoth.\nOther.");
	await saves(other);

	await one.field(FIELD).fill("Late.");
	await one.button("Save lines").click();
	await one.button("Use theirs").click();
	assert.equal(await one.field(FIELD).inputValue(), "One.\nBoth.\nOther.");
	await one.field(FIELD).fill("");
	await saves(one);
	await other.field(FIELD).fill("Kept.");
	await other.button("Save lines").click();
	await other.page.getByText("No line: the list was emptied.", { exact: true }).waitFor();
	await other.button("Keep mine").click();
	await saves(other);
	assert.deepEqual(await stored(one), ["Kept."]);
});

story("lines that are too many, too long or no lines are refused in words, and nothing is lost", async (stage) => {
	const world = await stage.world();
	const admin = await stage.agent(world);
	await opensLines(admin);
	await admin.field(FIELD).fill("Kept.");
	await saves(admin);

	const many = Array.from({ length: 31 }, (_, at) => `Line ${at}`).join("\n");
	await admin.field(FIELD).fill(many);
	await admin.button("Save lines").click();
	await admin.page.getByText("There is room for 30. In the field are 31.", { exact: true }).waitFor();
	assert.equal(await admin.field(FIELD).inputValue(), many);
	await admin.field(FIELD).fill(`Fine.\n${"x".repeat(2_001)}`);
	await admin.button("Save lines").click();
	await admin.page.getByText("Line 2 is too long. A message has at most 2000 characters.").waitFor();
	await photograph(admin, "agent-lines-wrong");
	assert.deepEqual(await stored(admin), ["Kept."]);

	const long = "x".repeat(2_001);
	for (const lines of [many.split("\n"), [long], ["a\u0007b"], ["a\nb"], [""], [7, null, {}], "text", null]) {
		assert.deepEqual(await puts(admin, { revision: 1, lines }), [400, "malformed"], JSON.stringify(lines).slice(0, 60));
	}
	assert.deepEqual(await puts(admin, { revision: 1, lines: ["x".repeat(1 << 20)] }), [413, "too_long"]);
	assert.deepEqual(await puts(admin, { revision: 0, lines: ["Late."] }), [409, "changed_meanwhile"]);
	await world.restart();
	assert.deepEqual(await stored(admin), ["Kept."], "after a restart");
});

async function opensLines(admin) {
	await admin.page.getByRole("link", { name: "Admin", exact: true }).click();
	await admin.page.getByRole("link", { name: "Ready lines", exact: true }).click();
	await admin.field(FIELD).waitFor();
}

async function saves(admin) {
	await admin.button("Save lines").click();
	await admin.page.getByText("Saved. Agents find them when they open the list.", { exact: true }).waitFor();
}

/** What the server answers to a body that the page would not send. */
function puts(admin, body) {
	return admin.page.evaluate(async (body) => {
		const headers = { "content-type": "application/json" };
		const answer = await fetch("/api/lines", { method: "PUT", headers, body: JSON.stringify(body) });
		return [answer.status, (await answer.json()).error];
	}, body);
}

/** The lines that the server has, once it answers. */
async function stored(admin) {
	let lines;
	await until("the server answers", async () => {
		lines = await admin.page.evaluate(async () => (await (await fetch("/api/lines")).json()).lines);
		return Array.isArray(lines);
	});
	return lines;
}
