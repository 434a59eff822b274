// A whole call: from the agent's form and the text message until both have hung up.

import assert from "node:assert/strict";
import { AGENT_HZ, BARS, CUSTOMER_HZ, STRIPES } from "./cards.mjs";
import { CUSTOMER_NAME, NUMBER } from "./people.mjs";
import { hears, hearsNothing, looksEmpty, shows } from "./senses.mjs";
import { story } from "./stage.mjs";
import { until } from "./until.mjs";
import { AGENT_NAME, BUSINESS } from "./world.mjs";

story("an agent invites by text message, the customer joins, and they call until one ends it", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);

	await agent.invites();
	await agent.waitsAt(/Invitation sent/);
	const sms = await world.last_sms();
	assert.equal(sms.to, NUMBER);
	assert.ok(sms.text.includes(sms.link), "the text carries the link");
	assert.ok(sms.text.includes(BUSINESS), "the text says who writes");
	assert.ok(sms.text.length <= 160, `one segment of text: ${sms.text.length} characters`);

	await customer.opens(sms.link);
	await customer.page.getByText(AGENT_NAME).first().waitFor();
	assert.equal(await customer.field("Your name").inputValue(), "Guest");
	assert.equal(await customer.lights("video"), 0, "no camera before a tap");
	await agent.waitsAt(/Invitation sent/);
	await customer.page.getByText("This call is not recorded. Pictures, chat and notes are kept for").waitFor();

	await customer.button("Show my camera").tap();
	await shows(customer.page.getByLabel("Your picture", { exact: true }), BARS);
	await agent.waitsAt(/In the lobby/);
	await customer.field("Your name").fill(CUSTOMER_NAME);
	await customer.button("Join").tap();
	await Promise.all([agent.isInCall(), customer.isInCall()]);

	await thePageIsSmallAndFromOneOrigin(customer);
	for (const person of [agent, customer]) await isEncryptedAndOverUdp(person);

	await theCustomerIsSeenAndHeard(agent);
	await hears(customer.page, AGENT_HZ);
	await looksEmpty(customer.remote, STRIPES);
	await agent.switches("Camera", true);
	await shows(customer.remote, STRIPES);
	await customer.page.getByRole("timer").waitFor();

	await theyChat(agent, customer);
	await switchesTakeEffectOnTheOtherSide(agent, customer);
	await switchesTakeEffectOnTheOtherSide(customer, agent);

	await customer.button("End call").tap();
	await customer.button("Cancel").tap();
	await customer.isConnected();
	await customer.endsCall();
	await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
	for (const person of [agent, customer]) {
		await until(
			`${person.who}: camera and microphone are off`,
			async () => (await person.lights("video")) + (await person.lights("audio")) === 0,
		);
	}
	assert.equal((await world.texts()).length, 1);
	await bothRate(agent, customer);
});

story(
	"browsers whose offers begin SCTP (SNAP) have data channels; the agent can end the call as well",
	async (stage) => {
		const world = await stage.world();
		const snap = { flags: ["--enable-blink-features=WebRtcSctpSnap"] };
		const { agent, customer } = await stage.call(world, snap, snap);
		for (const person of [agent, customer]) await beganSctpInItsOffer(person);
		await shows(agent.remote, BARS);
		await pointsAcrossTheDataChannels(agent, customer);
		await agent.endsCall();
		await Promise.all([agent.sees("Call ended"), customer.sees("Call ended")]);
		await customer.page.getByText(AGENT_NAME).first().waitFor();
	},
);

story("video only: no microphone is asked for and no sound is played", async (stage) => {
	const world = await stage.world();
	const [agent, customer] = await Promise.all([stage.agent(world), stage.customer(world)]);
	await agent.invites();
	await customer.opens((await world.last_sms()).link);
	await customer.page.getByRole("checkbox", { name: "Video only (I am on the phone)", exact: true }).check();
	await customer.joins();
	await Promise.all([agent.isInCall(), customer.isInCall()]);
	await shows(agent.remote, BARS);
	assert.equal(await customer.lights("audio"), 0);
	await hearsNothing(customer.page);
	await hearsNothing(agent.page);
});

/** The customer rates by tapping, and changes it; the agent by keyboard. The last ones are kept. */
async function bothRate(agent, customer) {
	const session = new URL(agent.page.url()).hash.replace("#call=", "");
	const group = customer.page.getByRole("group", { name: "How was the call?", exact: true });
	await customer.button("Send rating").tap();
	await customer.page.getByText("Please choose 1 to 5 stars.").waitFor();
	await group.getByRole("radio", { name: "2 stars", exact: true }).tap();
	await customer.field("Comment").fill("Good help.\nThe picture stood still.");
	await customer.button("Send rating").tap();
	await customer.page.getByText("Thank you for your rating.").waitFor();
	await customer.button("Change rating").tap();
	assert.equal(await customer.field("Comment").inputValue(), "Good help.\nThe picture stood still.");

	// Without a network nothing of it is lost, and sending again does.
	await customer.context.setOffline(true);
	await group.getByRole("radio", { name: "4 stars", exact: true }).tap();
	await customer.button("Send rating").tap();
	await customer.page.getByText("No connection. Please check your network and try again.").waitFor();
	await customer.context.setOffline(false);
	await customer.button("Send rating").tap();
	await customer.page.getByText("Thank you for your rating.").waitFor();

	await agent.page.getByRole("radio", { name: "1 star", exact: true }).focus();
	for (const key of ["Space", "ArrowRight", "ArrowRight"]) await agent.page.keyboard.press(key);
	assert.ok(await agent.page.getByRole("radio", { name: "3 stars", exact: true }).isChecked());
	await agent.button("Send rating").click();
	await agent.page.getByText("Thank you for your rating.").waitFor();
	const detail = await agent.page.evaluate(async (path) => (await fetch(path)).json(), `/api/sessions/${session}`);
	assert.deepEqual(detail.ratings.map(({ seat, stars, comment }) => [seat, stars, comment]).sort(), [
		["agent", 3, undefined],
		["customer", 4, "Good help.\nThe picture stood still."],
	]);
	const { browser, system, language } = detail.arrival;
	assert.deepEqual([typeof browser, typeof system, language], ["string", "string", "en"]);
	const open = agent.page.getByRole("link", { name: "Open call", exact: true });
	assert.equal(await open.getAttribute("href"), `#detail=${session}`);
}

/** Offer and answer have SCTP's INIT (draft-hancke-tsvwg-snap); both channels are open. */
async function beganSctpInItsOffer(person) {
	await until(`${person.who}: both channels are open, and beats come`, async () => {
		const found = await person.page.evaluate(async () => {
			const connection = window.__connections.at(-1);
			const channels = [...(await connection.getStats()).values()].filter(({ type }) => type === "data-channel");
			return {
				offer: /^a=sctp-init:/m.test(connection.currentLocalDescription?.sdp ?? ""),
				answer: /^a=sctp-init:/m.test(connection.currentRemoteDescription?.sdp ?? ""),
				open: channels.filter(({ state }) => state === "open").length,
				heard: channels.some(({ label, messagesReceived }) => label === "live" && messagesReceived > 1),
			};
		});
		assert.deepEqual(found, { offer: true, answer: true, open: 2, heard: true });
		return true;
	});
}

/** The pointer travels on the channel `live` of both browsers. */
async function pointsAcrossTheDataChannels(agent, customer) {
	const { x, y, width, height } = await agent.remote.boundingBox();
	let step = 0;
	await until("the customer sees where the agent points", async () => {
		step = (step + 1) % 20;
		await agent.page.mouse.move(x + width * (0.4 + step / 100), y + height / 2);
		return (await customer.page.locator(".pointer").count()) > 0;
	});
}

/** Checks everything the page loaded up to a running call: its origin and its total size. */
async function thePageIsSmallAndFromOneOrigin(customer) {
	const entries = await customer.page.evaluate(() =>
		["navigation", "resource"].flatMap((kind) =>
			performance.getEntriesByType(kind).map(({ name, transferSize }) => ({ name, transferSize })),
		),
	);
	for (const { name } of entries) assert.equal(new URL(name).origin, customer.world.base, "no third-party resource");
	const bytes = entries.reduce((sum, { transferSize }) => sum + transferSize, 0);
	console.log(`the customer's page up to a running call: ${entries.length} responses, ${bytes} bytes with headers`);
	assert.ok(bytes > 10_000 && bytes <= PAGE_BYTES_MAX, `${bytes} bytes`);
}

/**
 * Includes what the page loads ahead: help for a trouble, chat, board, viewer, and what looks after
 * the call. 102 to 104 kB were seen; earlier a busy machine had 12 kB more, of a trouble that was
 * one for a moment. What the lobby needs has a limit of its own (web/size.mjs).
 */
const PAGE_BYTES_MAX = 116 * 1024;

async function theCustomerIsSeenAndHeard(agent) {
	await shows(agent.remote, BARS);
	await hears(agent.page, CUSTOMER_HZ);
}

async function theyChat(agent, customer) {
	await customer.says("The lamp on the left blinks.");
	await agent.reads("The lamp on the left blinks.");
	await agent.says("Thank you, I see it.\nPlease hold still.");
	await customer.log.getByText("Please hold still.").waitFor();
	await customer.log.getByText("Sent", { exact: true }).waitFor();

	for (const [reader, own, other] of [
		[customer, "The lamp on the left blinks.", "Thank you, I see it."],
		[agent, "Thank you, I see it.", "The lamp on the left blinks."],
	]) {
		const mine = await bubble(reader, own);
		const theirs = await bubble(reader, other);
		assert.deepEqual(
			[mine.background, mine.colour],
			["rgb(60, 130, 246)", "rgb(255, 255, 255)"],
			`${reader.who}: own bubble`,
		);
		assert.equal(theirs.background, "rgb(255, 255, 255)", `${reader.who}: the other's bubble`);
		assert.ok(
			mine.right < 40 && mine.left > mine.right,
			`${reader.who}: own messages are on the right: ${JSON.stringify(mine)}`,
		);
		assert.ok(
			theirs.left < 40 && theirs.right > theirs.left,
			`${reader.who}: the other's messages are on the left: ${JSON.stringify(theirs)}`,
		);
	}
	await customer.closesChat();
	await agent.closesChat();

	await agent.says("One more thing.");
	await until("the customer's chat button shows an unread message", async () =>
		/1/.test((await customer.button("Chat").getAttribute("aria-description")) ?? ""),
	);
	await customer.reads("One more thing.");
	await customer.closesChat();
	await agent.closesChat();
}

/** The colours of the bubble around a text, and its distance from both edges of the log. */
async function bubble(reader, text) {
	return reader.log
		.getByText(text)
		.first()
		.evaluate((element) => {
			const log = element.closest('[role="log"]').getBoundingClientRect();
			let bubble = element;
			while (getComputedStyle(bubble).backgroundColor === "rgba(0, 0, 0, 0)") bubble = bubble.parentElement;
			const box = bubble.getBoundingClientRect();
			const style = getComputedStyle(bubble);
			return {
				background: style.backgroundColor,
				colour: style.color,
				left: box.left - log.left,
				right: log.right - box.right,
			};
		});
}

async function switchesTakeEffectOnTheOtherSide(one, other) {
	const [name, hz, card] = one.who === "agent" ? [AGENT_NAME, AGENT_HZ, STRIPES] : [CUSTOMER_NAME, CUSTOMER_HZ, BARS];
	// The agent's page sets a customer's name apart.
	const shown = other.who === "agent" ? `“${name}”` : name;
	const mark = other.page.getByRole("img", { name: `${shown}’s microphone is off`, exact: true });

	await one.switches("Microphone", false);
	await hearsNothing(other.page);
	await mark.waitFor();
	await one.switches("Microphone", true);
	await hears(other.page, hz);
	await mark.waitFor({ state: "detached" });

	await one.switches("Camera", false);
	await looksEmpty(other.remote, card);
	await until("the camera's light is off", async () => (await one.lights("video")) === 0);
	await one.switches("Camera", true);
	await shows(other.remote, card);
}

/** Checks for DTLS 1.2 (FEFD, RFC 6347), an AEAD for the media (RFC 7714), and UDP. */
async function isEncryptedAndOverUdp(person) {
	const transport = await until(`${person.who}: a connected transport`, () => person.transport());
	assert.equal(transport.tlsVersion, "FEFD");
	assert.match(transport.srtpCipher, /^SRTP_AEAD_AES_(128|256)_GCM$/);
	await until(`${person.who}: media goes over UDP`, async () => (await person.transport())?.protocol === "udp");
}
