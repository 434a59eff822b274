// A picture that a customer without a camera chooses.

import assert from "node:assert/strict";
import { BASE, Board, keeps, kept, SENT } from "./board.mjs";
import { at } from "./pixels.mjs";
import { photograph } from "./pictures.mjs";

/**
 * The customer chooses a photograph that lies on its side and knows where it was taken. Both see it
 * upright, the store has nothing else of it, and it can be sent.
 * @param {import("./world.mjs").World} world
 * @param {import("./people.mjs").Person} agent
 * @param {import("./people.mjs").Person} customer
 */
export async function choosesAPicture(world, agent, customer) {
	await customer.button("Take a photo").waitFor();
	await photograph(customer, "customer-no-camera-choose");
	await choose(customer, "photo.heic", Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"));
	await customer.page.getByText(/cannot read pictures in the format HEIC/).waitFor();

	await choose(customer, "photo.jpg", await onItsSide(customer.page));
	const boards = [new Board(agent), new Board(customer)];
	await Promise.all(boards.map((board) => board.isSharp()));
	for (const { page } of boards) await page.getByText("Chosen from the gallery", { exact: true }).waitFor();
	await keeps(world, 1);
	const base = await kept(world, agent, BASE);
	assert.deepEqual([base.width, base.height], [300, 600], "upright");
	const [top, bottom] = [at(base, 150, 50), at(base, 150, 550)];
	assert.ok(top[0] > 200 && top[2] < 60, `red above: ${top}`);
	assert.ok(bottom[2] > 200 && bottom[0] < 60, `blue below: ${bottom}`);
	for (const { bytes } of await world.pictures()) assert.ok(!bytes.includes(PLACE), "no metadata is kept");

	const said = customer.page.getByText("Grace sent the picture to the chat").waitFor();
	await Promise.all([said, agent.button("Send annotation").click()]);
	const sent = await kept(world, agent, SENT);
	assert.deepEqual([sent.width, sent.height], [300, 600]);
	await photograph(agent, "agent-picture-chosen");
	await customer.button("Back to live").tap();
	await Promise.all(boards.map((board) => board.isGone()));
}

/** @param {import("./people.mjs").Person} person */
async function choose({ page }, name, buffer) {
	const button = page.getByRole("button", { name: "Choose a picture", exact: true });
	const [chooser] = await Promise.all([page.waitForEvent("filechooser"), button.tap()]);
	await chooser.setFiles({ name, mimeType: name.endsWith("heic") ? "image/heic" : "image/jpeg", buffer });
}

/**
 * A JPEG of 600x300, red at its left and blue at its right, that is to be shown turned by a quarter
 * (EXIF orientation 6), so that red is above.
 * @param {import("playwright-core").Page} page
 */
async function onItsSide(page) {
	const base64 = await page.evaluate(async () => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 300 });
		const paper = canvas.getContext("2d");
		for (const [colour, left] of [
			["#e01010", 0],
			["#1010e0", 300],
		]) {
			paper.fillStyle = colour;
			paper.fillRect(left, 0, 300, 300);
		}
		return canvas.toDataURL("image/jpeg").split(",")[1];
	});
	const jpeg = Buffer.from(base64, "base64");
	// TIFF, big-endian: one entry, the orientation; behind it what nobody asked for.
	const tiff = Buffer.from("4d4d002a00000008000101120003000000010006000000000000", "hex");
	const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, Buffer.from(PLACE)]);
	const segment = Buffer.concat([Buffer.from([0xff, 0xe1, 0, body.length + 2]), body]);
	return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

const PLACE = "48.1374N 11.5755E";
