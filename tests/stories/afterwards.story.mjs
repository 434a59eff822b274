// An agent's morning: a call with a refused camera, and one that was lost and came back, with
// pictures and chat. Then what they left behind.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Board } from "./board.mjs";
import { photograph, LARGE_TEXT } from "./pictures.mjs";
import { frames } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";

story("an ended call is a case: timeline, chat, pictures, notes, both ratings, and its end for good", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(world);
	await until("the agent sees the customer", async () => (await frames(agent.remote)) > 5);
	await customer.says("It drips here.");
	await agent.reads("It drips here.");
	await takesAndSends(agent, customer, 1);
	await agent.closesChat();
	await agent.endsCall();
	await agent.sees("Call ended");

	await agent.page.getByRole("link", { name: "Open call", exact: true }).click();
	await agent.sees("Call CASE-00042");
	await tellsEverything(agent);
	await notes(agent);
	await photograph(agent, "agent-12-detail", LARGE_TEXT);
	await prints(agent);

	await provesItself(agent, world);

	// The address is one to come back to.
	await agent.page.reload();
	await agent.sees("Call CASE-00042");
	await part(agent, "Notes").getByText("Valve 3 leaks.", { exact: true }).waitFor();
	await erases(agent, world);
});

/** The size of a page, in points. */
const PAPER = { A4: /MediaBox\s*\[0 0 59[45]\.\d+ 84[12]/, Letter: /MediaBox\s*\[0 0 612 792\]/ };

/** @param {string} name */
const part = ({ page }, name) => page.getByRole("region", { name, exact: true });

async function takesAndSends(agent, customer, n) {
	const boards = [new Board(agent), new Board(customer)];
	await agent.button("Take screenshot").click();
	await Promise.all(boards.map((board) => board.opens()));
	await Promise.all(boards.map((board) => board.isSharp()));
	await agent.button("Send annotation").click();
	await until(`picture ${n} is in the chat`, async () => {
		await agent.opensChat();
		const open = agent.log.getByRole("button", { name: "Open picture", exact: true });
		return (await open.count()) >= n;
	});
	await agent.closesChat();
	await agent.button("Back to live").click();
	await boards[0].isGone();
}

async function tellsEverything(agent) {
	const told = part(agent, "Timeline");
	for (const line of ["The link was opened.", "“Ada” joined.", "“Grace” took picture 1.", /^The call ended\./]) {
		await told.getByText(line).first().waitFor();
	}
	await part(agent, "Chat").getByText("It drips here.", { exact: true }).waitFor();
	const pictures = part(agent, "Pictures").getByRole("img");
	await until("base and sent picture are shown whole", async () => {
		const sizes = await pictures.evaluateAll((images) => images.map((image) => image.naturalWidth));
		return sizes.length === 2 && sizes.every((width) => width >= 640);
	});
	await part(agent, "Quality").waitFor();
	await part(agent, "Ratings").waitFor();
}

async function notes(agent) {
	const notes = part(agent, "Notes");
	await notes.getByLabel("Note", { exact: true }).fill("Valve leaks. <script>alert(1)</script>");
	await notes.getByRole("button", { name: "Add note", exact: true }).click();
	await notes.getByText("Valve leaks. <script>alert(1)</script>", { exact: true }).waitFor();
	await notes.getByRole("button", { name: "Edit", exact: true }).click();
	await notes.getByLabel("Note", { exact: true }).first().fill("Valve 3 leaks.");
	await notes.getByRole("button", { name: "Save", exact: true }).click();
	await notes.getByText("Valve 3 leaks.", { exact: true }).waitFor();
	await notes.getByText("What it said before", { exact: true }).click();
	await notes.getByText("Valve leaks. <script>alert(1)</script>", { exact: true }).waitFor();
}

/** On both paper sizes, without a control. */
async function prints(agent) {
	await agent.page.emulateMedia({ media: "print" });
	for (const name of ["Print", "Add note", "Invite again"]) {
		assert.equal(await agent.button(name).isVisible(), false, `${name} is not printed`);
	}
	await part(agent, "Timeline").waitFor();
	for (const [format, size] of Object.entries(PAPER)) {
		const pdf = (await agent.page.pdf({ format })).toString("latin1");
		assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 3, `${format}: facts and two pictures, then the words`);
		assert.match(pdf, size, format);
	}
	await agent.page.emulateMedia({ media: null });
}

/** The case file is made and downloaded, and `/verify` tells it from a changed one. */
async function provesItself(agent, world) {
	const coming = agent.page.waitForEvent("download");
	await agent.button("Download case").click();
	const file = await (await coming).path();
	const page = await agent.context.newPage();
	await page.goto(`${world.base}/verify`);
	const choose = async (/** @type {Buffer} */ buffer) => {
		const chooser = page.waitForEvent("filechooser");
		await page.getByRole("button", { name: "Choose a case file", exact: true }).click();
		await (await chooser).setFiles({ name: "case.zip", mimeType: "application/zip", buffer });
	};
	const bytes = readFileSync(file);
	await choose(bytes);
	await page.getByRole("heading", { name: /^unchanged/i }).waitFor();
	await photograph({ page }, "verify-1-unchanged", LARGE_TEXT);
	const changed = Buffer.from(bytes);
	const place = changed.indexOf("It drips here.");
	changed.write("It drops here.", place);
	await choose(changed);
	await page.getByRole("heading", { name: "Not as it was made", exact: true }).waitFor();
	await photograph({ page }, "verify-2-changed", LARGE_TEXT);
	await page.close();
}

async function erases(agent, world) {
	await agent.button("Erase case").click();
	await agent.button("Cancel").click();
	await agent.button("Erase case").click();
	await agent.button("Erase for good").click();
	await agent.sees("Calls");
	await agent.page.getByText("No calls yet.", { exact: true }).waitFor();
	await agent.page.goBack();
	await agent.sees("This call was not found");
	await until("no picture is left", async () => (await world.pictures()).length === 0);
}
