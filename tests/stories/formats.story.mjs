// Browsers without a video format in common, and offers that the relay refuses: both pages say it
// in words that fit on a small phone.

import assert from "node:assert/strict";
import { LARGE_TEXT, LANDSCAPE, photograph } from "./pictures.mjs";
import { story } from "./stage.mjs";
import { becomes, until } from "./until.mjs";

story("a missing video format and refused offers are said in words on both pages", async (stage) => {
	const world = await stage.world();
	const { agent, customer } = await stage.call(
		world,
		{ script: `(${offers})("video/vp8")` },
		{ script: `(${offers})("video/h264")` },
	);
	await reads(agent, "lacks", "camera: it lacks the video format.");
	await reads(customer, "lacks", "cannot see your camera: their browser lacks the video format.");
	// A try would not help.
	await becomes("the number of buttons", () => agent.button("Try now").count(), 0);

	for (const [person, line, words] of [
		[agent, "a=ice-lite", "this browser waits to be called, and so does the server."],
		[customer, `a=x-long:${"x".repeat(16 * 1024)}`, "this browser’s description of its media is too long."],
	]) {
		await person.page.evaluate((line) => sessionStorage.setItem("more of the offer", line), line);
		await person.reloads();
		await reads(person, "refused", `Sound and picture cannot start: ${words}`);
		await person.button("Try now").waitFor();
	}
});

/** Waits for the words in a banner, which must lie on the screen and leave the buttons free. */
async function reads(person, name, words) {
	const banner = person.page.locator(".notices .banner").filter({ hasText: words });
	await banner.waitFor();
	await photograph(person, `${person.who}-format-${name}`, LARGE_TEXT, LANDSCAPE);
	const before = person.page.viewportSize();
	const { text, ...small } = LARGE_TEXT;
	await person.page.setViewportSize(small);
	await until(`${person.who}: the banner lies on the screen and leaves the buttons free`, async () => {
		const found = await person.page.evaluate(look, text);
		assert.deepEqual(found.covered, [], `it covers ${found.covered}`);
		assert.ok(found.through, "a finger on its words does not reach what lies below");
		const { left, right, top, bottom } = found.notices;
		const inside = left >= 0 && top >= 0 && right <= small.width && bottom <= small.height;
		assert.ok(inside, `it reaches beyond the screen: ${JSON.stringify(found.notices)}`);
		return true;
	});
	await person.page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
	await person.page.setViewportSize(before);
}

/** Runs in the page: where the banners are, and the names of the buttons below them. */
async function look(text) {
	document.documentElement.style.fontSize = `${text * 100}%`;
	await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
	const box = (element) => {
		const { left, top, right, bottom } = element.getBoundingClientRect();
		return { left, top, right, bottom };
	};
	const notices = box(document.querySelector(".notices"));
	const covered = [...document.querySelectorAll(".controls button")].filter((button) => {
		const { left, top, right, bottom } = box(button);
		return right > notices.left && left < notices.right && bottom > notices.top && top < notices.bottom;
	});
	const words = box(document.querySelector(".notices .banner p"));
	const below = document.elementFromPoint((words.left + words.right) / 2, (words.top + words.bottom) / 2);
	const through = below !== null && below.closest(".notices") === null;
	return {
		notices,
		through,
		covered: covered.map((button) => button.getAttribute("aria-label") ?? button.textContent),
	};
}

/**
 * Runs in the page: the browser has this video format alone, and its offer has a line more if the
 * tab keeps one.
 */
function offers(format) {
	const transceiver = RTCRtpTransceiver.prototype;
	const prefer = transceiver.setCodecPreferences;
	transceiver.setCodecPreferences = function (codecs) {
		const left = codecs.filter(({ mimeType }) => !/^video/.test(mimeType) || mimeType.toLowerCase() === format);
		prefer.call(this, left);
	};
	const connection = RTCPeerConnection.prototype;
	const { createOffer, setLocalDescription } = connection;
	connection.createOffer = async function () {
		const { type, sdp } = await createOffer.call(this);
		const line = sessionStorage.getItem("more of the offer");
		return { type, sdp: line === null ? sdp : `${sdp}${line}\r\n` };
	};
	connection.setLocalDescription = function ({ type, sdp }) {
		const line = sessionStorage.getItem("more of the offer");
		return setLocalDescription.call(this, { type, sdp: sdp.replace(`${line}\r\n`, "") });
	};
}
