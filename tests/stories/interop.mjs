// What the stories with a Firefox do in either role.

import assert from "node:assert/strict";
import { SENT, keeps, kept, toScreen } from "./board.mjs";
import { Fingers, Mouse } from "./pens.mjs";

/**
 * @typedef {import("./board.mjs").Board} Board
 * @typedef {import("./board.mjs").Layout} Layout
 * @typedef {import("./people.mjs").Person} Person
 */

/** The tone of Firefox's fake microphone. */
export const FIREFOX_HZ = 1_000;

/** Each of two people writes a line that the other one reads. @param {Person[]} people */
export async function chat(...people) {
	for (const [at, person] of people.entries()) await person.says(`A line of ${person.who}, ${at}.`);
	const [one, other] = people;
	await Promise.all([one.reads(`A line of ${other.who}, 1.`), other.reads(`A line of ${one.who}, 0.`)]);
	for (const person of people) await person.closesChat();
}

/**
 * Both draw on the open picture and see each other's stroke; one sends it, both open it.
 * @param {import("./world.mjs").World} world
 * @param {Person} sender
 * @param {{ agent: Board, customer: Board }} boards
 * @param {{ width: number, height: number }} base the picture
 * @param {{ agent: Layout, customer: Layout }} lay where it lies on both screens
 */
export async function drawAndSend(world, sender, boards, base, lay) {
	const people = { agent: boards.agent.person, customer: boards.customer.person };
	const chromium = sender.who === "agent" ? people.customer : people.agent;
	await new Mouse(people.agent).draws(AGENT_PATH.map((place) => toScreen(lay.agent, place)));
	const fingers = await Fingers.of(people.customer);
	await fingers.draws(CUSTOMER_PATH.map((place) => toScreen(lay.customer, place)));
	const drawn = { agent: [AGENT_PATH], customer: [CUSTOMER_PATH] };
	await Promise.all([boards.agent.showsOnly(lay.agent, drawn), boards.customer.showsOnly(lay.customer, drawn)]);
	await sender.button("Send annotation").click();
	await keeps(world, 2);
	const sent = await kept(world, chromium, SENT);
	assert.deepEqual([sent.width, sent.height], [base.width, base.height], "composed at full size");
	await Promise.all([people.agent.opensPicture(), people.customer.opensPicture()]);
}

/** Strokes that meet no landmark and not each other. */
const CUSTOMER_PATH = [
	[0.2, 0.2],
	[0.75, 0.3],
];
const AGENT_PATH = [
	[0.75, 0.62],
	[0.3, 0.72],
];
