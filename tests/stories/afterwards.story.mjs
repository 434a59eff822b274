// An agent's morning, and what its calls leave behind.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { everybodyCanUse } from "./axe.mjs";
import { findsTheCalls } from "./call-list.mjs";
import { Keyboard } from "./keyboard.mjs";
import {
	DENIED,
	isLostAndComesBack,
	LOST,
	losesTheServer,
	refusesTheCamera,
	SAID,
	SHOWN,
	showsFourPictures,
	waitsForTheServer,
} from "./morning.mjs";
import { photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { SIGHTLINE } from "./world.mjs";

const NOTE = "Valve leaks. <script>alert(1)</script>";
const EDITED = "Valve 3 leaks.";

story(
	"an agent's morning: three calls are found again, told, noted, rated, proven and erased",
	async (stage) => {
		const world = await stage.world();
		const [agent, denied, customer] = await Promise.all([
			stage.agent(world),
			stage.customer(world, { camera: "denied", script: waitsForTheServer }),
			stage.customer(world, { script: losesTheServer }),
		]);
		await refusesTheCamera(world, agent, denied);
		await isLostAndComesBack(world, agent, customer);
		await showsFourPictures(world, agent, customer);
		await customer.close();

		await agent.page.getByRole("link", { name: "Open call", exact: true }).click();
		await tellsEverything(agent);
		await everybodyCanUse(agent, "agent-14-detail");
		await prints(agent);
		await findsTheCalls(agent);
		await tellsOfTheOthers(agent);

		const file = await worksByKeyboard(agent);
		await provesItself(agent, world, file);
		// The address is one to come back to.
		await agent.page.reload();
		await part(agent, "Notes").getByText(EDITED, { exact: true }).waitFor();
		await erases(agent, world);
	},
	300_000,
);

/** The size of a page, in points. */
const PAPER = { A4: /MediaBox\s*\[0 0 59[45]\.\d+ 84[12]/, Letter: /MediaBox\s*\[0 0 612 792\]/ };

/** @param {string} name */
const part = ({ page }, name) => page.getByRole("region", { name, exact: true });

async function tells(agent, ...lines) {
	for (const line of lines) await part(agent, "Timeline").getByText(line).first().waitFor();
}

async function tellsEverything(agent) {
	const { customer, reference } = SHOWN;
	await agent.sees(`Call ${reference}`);
	await tells(agent, "The link was opened.", `“${customer}” joined.`, "“Grace” took picture 4.", /^The call ended\./);
	await part(agent, "Chat").getByText(SAID, { exact: true }).waitFor();
	const pictures = part(agent, "Pictures").getByRole("img");
	await until("four bases and the sent picture are shown whole", async () => {
		const sizes = await pictures.evaluateAll((images) => images.map((image) => image.naturalWidth));
		return sizes.length === 5 && sizes.every((width) => width >= 640);
	});
	await agent.page.getByText(/^This call is not recorded\. .* \(shown in: English\)$/).waitFor();
	await part(agent, "Quality").waitFor();
	await part(agent, "Ratings").getByText("Good help.", { exact: true }).waitFor();
}

/** The calls before it, from the list, which is as it was afterwards. */
async function tellsOfTheOthers(agent) {
	for (const [{ reference, customer }, lines] of [
		[DENIED, ["The camera was refused.", `“${DENIED.customer}” joined.`, /^The call ended\..*Grace.* ended/]],
		[
			LOST,
			[`“${LOST.customer}”'s connection was lost.`, `“${LOST.customer}” came back.`, /^The call ended\..*Ida.* ended/],
		],
	]) {
		await agent.page.getByRole("link", { name: new RegExp(`^${reference}`) }).click();
		await agent.sees(`Call ${reference}`);
		await tells(agent, `“${customer}” joined.`, ...lines);
		await agent.page.goBack();
		await agent.sees("Calls");
	}
}

/**
 * From the list to the case file without a mouse.
 * @returns {Promise<string>} where the file was saved
 */
async function worksByKeyboard(agent) {
	const keys = new Keyboard(agent);
	await agent.page.reload();
	await agent.page.getByRole("link", { name: new RegExp(`^${SHOWN.reference}`) }).waitFor();
	await keys.goesTo(SHOWN.reference);
	await keys.presses("Enter");
	await agent.sees(`Call ${SHOWN.reference}`);
	await keys.comeTo(`Call ${SHOWN.reference}`);
	await notes(agent, keys);
	await rates(agent, keys);

	await keys.goesBackTo("Download case");
	const coming = agent.page.waitForEvent("download");
	await keys.presses("Enter");
	const file = await (await coming).path();

	await keys.goesTo("Erase case");
	await keys.presses("Enter");
	await agent.page.getByRole("dialog", { name: "Erase this case?" }).waitFor();
	await everybodyCanUse(agent, "agent-15-erase");
	await keys.goesTo("Cancel");
	await keys.presses("Enter");
	await keys.comeTo("Erase case");
	await keys.presses("Enter");
	await agent.button("Erase for good").waitFor();
	await keys.presses("Escape");
	await keys.comeTo("Erase case");

	await agent.page.goBack();
	await keys.comeTo(SHOWN.reference);
	await keys.presses("Enter");
	await agent.sees(`Call ${SHOWN.reference}`);
	return file;
}

async function notes(agent, keys) {
	const notes = part(agent, "Notes");
	await keys.goesTo("Note");
	await keys.types(NOTE);
	await keys.goesTo("Add note");
	await keys.presses("Enter");
	await notes.getByText(NOTE, { exact: true }).waitFor();
	await keys.goesBackTo("Edit");
	await keys.presses("Enter");
	await keys.comeTo("Note");
	await keys.presses("ControlOrMeta+A");
	await keys.types(EDITED);
	await keys.goesTo("Save");
	await keys.presses("Enter");
	await notes.getByText(EDITED, { exact: true }).waitFor();
	await keys.comeTo("Edit");
	await keys.goesTo("What it said before");
	await keys.presses("Enter");
	await notes.getByText(NOTE, { exact: true }).waitFor();
}

async function rates(agent, keys) {
	const ratings = part(agent, "Ratings");
	await keys.goesTo("1 star");
	await keys.presses("Space", "ArrowRight", "ArrowRight");
	await keys.goesTo("Comment");
	await keys.types("Patient.");
	await everybodyCanUse(agent, "agent-16-rating");
	await keys.goesTo("Send rating");
	await keys.presses("Enter");
	await ratings.getByText(/Grace.*: 3 of 5 stars/).waitFor();
	await keys.goesTo("Change rating");
	await keys.presses("Enter", "ArrowLeft");
	await keys.goesTo("Send rating");
	await keys.presses("Enter");
	await ratings.getByText(/Grace.*: 2 of 5 stars/).waitFor();
	await ratings.getByText("Patient.", { exact: true }).waitFor();
}

/** On both paper sizes, without a control. */
async function prints(agent) {
	await agent.page.emulateMedia({ media: "print" });
	for (const name of ["Print", "Add note", "Send rating", "Invite again"]) {
		assert.equal(await agent.button(name).isVisible(), false, `${name} is not printed`);
	}
	await part(agent, "Timeline").waitFor();
	for (const [format, size] of Object.entries(PAPER)) {
		const pdf = (await agent.page.pdf({ format })).toString("latin1");
		assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 4, `${format}: facts and five pictures, then the words`);
		assert.match(pdf, size, format);
	}
	await agent.page.emulateMedia({ media: null });
}

/** `sightline verify` and the page `/verify` tell the case file from a changed one. */
async function provesItself(agent, world, file) {
	const checked = spawnSync(SIGHTLINE, ["verify", file, "--from", world.base], { encoding: "utf8" });
	assert.match(checked.stdout, /^unchanged, signed by .*Acme Repairs/, checked.stderr);
	assert.equal(checked.status, 0);
	const page = await agent.context.newPage();
	await page.goto(`${world.base}/verify`);
	await everybodyCanUse({ page }, "verify-0");
	const choose = async (/** @type {Buffer} */ buffer) => {
		const chooser = page.waitForEvent("filechooser");
		await page.getByRole("button", { name: "Choose a case file", exact: true }).click();
		await (await chooser).setFiles({ name: "case.zip", mimeType: "application/zip", buffer });
	};
	const bytes = readFileSync(file);
	await choose(bytes);
	await page.getByRole("heading", { name: /^unchanged/i }).waitFor();
	await everybodyCanUse({ page }, "verify-1-unchanged");
	const changed = Buffer.from(bytes);
	changed.write("It drops here.", changed.indexOf(SAID));
	await choose(changed);
	await page.getByRole("heading", { name: "Not as it was made", exact: true }).waitFor();
	await everybodyCanUse({ page }, "verify-2-changed");
	await page.close();
}

/** Everything of this call was in the store, and nothing is afterwards. */
async function erases(agent, world) {
	const session = /=([\w-]{22})$/.exec(agent.page.url())[1];
	const things = [...Object.values(SHOWN), SAID, EDITED, "Good help.", "Patient."];
	const names = [`pictures/${session}`, `cases/${session}`];
	assert.deepEqual(await whatIsStored(world, [...things, ...names]), [...things, ...names]);
	await agent.button("Erase case").click();
	await agent.button("Erase for good").click();
	await agent.sees("Calls");
	await agent.page.getByRole("link", { name: /^LOST/ }).waitFor();
	await agent.page.goBack();
	await agent.sees("This call was not found");
	await photograph(agent, "agent-17-erased");
	assert.deepEqual(await whatIsStored(world, [...things, ...names, `incoming/${session}`]), []);
}

/** Those of the words that a scan of the whole store finds, in names or in contents. */
async function whatIsStored(world, words) {
	const all = await world.stored();
	return words.filter((word) => all.some(({ name, bytes }) => name.includes(word) || bytes.includes(word)));
}
