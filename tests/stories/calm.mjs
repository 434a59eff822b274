// A whole call on both pages, and what their browsers measured meanwhile: what was moved without a
// press (Layout Instability API), the long tasks, and what the page's own scripts took of them
// (Long Animation Frames API).

import { Board, layouts, toScreen } from "./board.mjs";
import { Fingers, Mouse } from "./pens.mjs";
import { moves } from "./senses.mjs";

/** Runs in every page before its own scripts. */
export function measure() {
	const measured = { shifts: [], tasks: [], scripts: [] };
	window.__measured = measured;
	const named = (node) =>
		node instanceof Element ? `${node.localName}.${node.className} "${node.textContent.slice(0, 60)}"` : node?.nodeName;
	const box = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
	new PerformanceObserver((list) => {
		for (const { hadRecentInput, value, sources } of list.getEntries()) {
			// A new line of the chat pushes the others up, as in every chat. Words in the middle of
			// a line begin elsewhere when others take their place: their box stays where it was.
			const others = sources.filter(
				({ node, previousRect, currentRect }) =>
					!(node instanceof Element && node.closest(".lines")) &&
					!(node instanceof Text && box(previousRect) === box(currentRect)),
			);
			if (hadRecentInput || others.length === 0) continue;
			const moved = others.map((one) => `${named(one.node)}: ${box(one.previousRect)} -> ${box(one.currentRect)}`);
			measured.shifts.push(`${value.toFixed(4)} ${location.pathname}${location.hash.slice(0, 5)} ${moved.join(", ")}`);
		}
	}).observe({ type: "layout-shift", buffered: true });
	new PerformanceObserver((list) => {
		for (const { duration } of list.getEntries()) {
			measured.tasks.push(duration);
		}
	}).observe({ type: "longtask", buffered: true });
	new PerformanceObserver((list) => {
		const own = list.getEntries().flatMap(({ scripts }) => [...scripts]);
		for (const { duration, invoker, sourceURL, sourceFunctionName } of own) {
			if (!sourceURL.startsWith(location.origin)) continue;
			const file = sourceURL.split("/").at(-1);
			measured.scripts.push({ ms: duration, of: `${invoker} ${file} ${sourceFunctionName}`.trim() });
		}
	}).observe({ type: "long-animation-frame", buffered: true });
}

/**
 * From the invite to the end, with chat and a picture.
 * @param {import("./world.mjs").World} world
 * @param {import("./people.mjs").Agent} agent
 * @param {import("./people.mjs").Customer} customer
 */
export async function wholeCall(world, agent, customer) {
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await moves(agent.remote);
	await agent.says("Please show me the label.");
	await customer.reads("Please show me the label.");
	await customer.closesChat();
	await agent.closesChat();
	await agent.button("Take screenshot").click();
	const boards = { agent: new Board(agent), customer: new Board(customer) };
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	await theyDraw(boards);
	await agent.button("Send annotation").click();
	await agent.opensChat();
	await agent.log.getByRole("button", { name: "Open picture", exact: true }).waitFor();
	await agent.closesChat();
	await agent.button("Back to live").click();
	await Promise.all([boards.agent.isGone(), boards.customer.isGone()]);
	await customer.button("Take screenshot").tap();
	await Promise.all([boards.agent.isSharp(), boards.customer.isSharp()]);
	await customer.deletesPicture();
	await Promise.all([boards.agent.isGone(), boards.customer.isGone()]);
	await agent.switches("Camera", true);
	await customer.remote.waitFor();
	await customer.switches("Camera", false);
	await customer.says("Thank you.");
	await agent.reads("Thank you.");
	await customer.closesChat();
	await agent.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	for (const person of [agent, customer]) await person.button("Send rating").waitFor();
}

async function theyDraw(boards) {
	const lay = await layouts(boards);
	const line = [
		[0.3, 0.3],
		[0.4, 0.5],
		[0.6, 0.5],
	];
	await (await Fingers.of(boards.customer.person)).draws(line.map((place) => toScreen(lay.customer, place)));
	await new Mouse(boards.agent.person).draws(line.map(([x, y]) => toScreen(lay.agent, [x, y + 0.2])));
	for (const board of [boards.agent, boards.customer]) await board.counted(1, 1);
}

/** @param {import("./people.mjs").Person} person */
export async function measured({ page }) {
	// The browser reports what it measured after it has painted.
	await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
	return page.evaluate(() => window.__measured);
}
