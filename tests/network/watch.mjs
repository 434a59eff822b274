// What a person sees and hears of the other one, recorded in the page.

/** @typedef {{ at: number, wide: number, high: number }} Frame */

/**
 * @typedef {object} Sample
 * @property {number} at
 * @property {number} video_bytes
 * @property {number} audio_samples
 * @property {number} audio_concealed
 * @property {number} freezes
 * @property {number} frozen_ms
 * @property {string} says the words of the connection
 */

/** Runs in the page. Times are milliseconds of its clock. */
export function watch() {
	const told = { frames: [], samples: [], tapped_at: 0 };
	window.__seen = told;
	addEventListener("click", (event) => (told.tapped_at = event.timeStamp), { capture: true });
	const watched = new WeakSet();
	const look = () => {
		for (const video of document.querySelectorAll("video:not([aria-label='Your picture'])")) {
			if (watched.has(video)) continue;
			watched.add(video);
			const note = (at, { width, height }) => {
				told.frames.push({ at, wide: width, high: height });
				video.requestVideoFrameCallback(note);
			};
			video.requestVideoFrameCallback(note);
		}
		requestAnimationFrame(look);
	};
	look();
	const sample = async () => {
		const sum = { video_bytes: 0, audio_samples: 0, audio_concealed: 0, freezes: 0, frozen_ms: 0 };
		for (const connection of window.__connections ?? []) {
			for (const stats of (await connection.getStats()).values()) {
				if (stats.type !== "inbound-rtp") continue;
				if (stats.kind === "video") {
					sum.video_bytes += stats.bytesReceived;
					sum.freezes += stats.freezeCount ?? 0;
					sum.frozen_ms += 1000 * (stats.totalFreezesDuration ?? 0);
				} else {
					sum.audio_samples += stats.totalSamplesReceived ?? 0;
					sum.audio_concealed += (stats.concealedSamples ?? 0) - (stats.silentConcealedSamples ?? 0);
				}
			}
		}
		const says = document.querySelector('[role="status"][aria-label="Connection"]')?.textContent ?? "";
		told.samples.push({ at: performance.now(), says, ...sum });
	};
	setInterval(() => void sample().catch(() => undefined), 250);
}

/** @param {import("../stories/people.mjs").Person} person */
export function now(person) {
	return person.page.evaluate(() => performance.now());
}

/**
 * What the person saw and heard between two times of its page.
 * @param {import("../stories/people.mjs").Person} person
 * @returns {Promise<{ frames: Frame[], samples: Sample[], tapped_at: number }>}
 */
export function seen(person) {
	return person.page.evaluate(() => window.__seen);
}
