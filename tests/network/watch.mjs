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

/** @typedef {Record<string, number | string>} Trace what a page sends and hears, at one moment */

/** Runs in the page: fills `window.__trace`, every so many milliseconds. */
export function trace(every_ms) {
	const lines = [];
	window.__trace = lines;
	const told = {};
	const hear = ({ data }) => {
		if (typeof data !== "string") return;
		for (const name of ["down_bps", "lost_percent", "stills"]) {
			const found = data.match(new RegExp(`"${name}":(\\w+)`));
			if (found) told[`${/"head"/.test(data) ? "other" : "relay"}_${name}`] = found[1];
		}
	};
	const create = RTCPeerConnection.prototype.createDataChannel;
	RTCPeerConnection.prototype.createDataChannel = function (...all) {
		const channel = create.apply(this, all);
		channel.addEventListener("message", hear);
		return channel;
	};
	const look = async () => {
		const connection = window.__connections?.at(-1);
		if (connection === undefined) return;
		const line = { at: performance.timeOrigin + performance.now(), ...told };
		for (const stats of (await connection.getStats()).values()) {
			if (stats.type === "outbound-rtp" && stats.kind === "video") {
				Object.assign(line, {
					high: stats.frameHeight ?? 0,
					encoded: stats.framesEncoded,
					sent: stats.framesSent,
					out_bytes: stats.bytesSent,
					again: stats.retransmittedPacketsSent,
					keys: stats.keyFramesEncoded,
					qp: stats.qpSum,
					limit: stats.qualityLimitationReason,
					target: stats.targetBitrate,
				});
			}
			if (stats.type === "inbound-rtp" && stats.kind === "video") {
				Object.assign(line, { in_bytes: stats.bytesReceived, shown: stats.framesDecoded, nacks: stats.nackCount });
			}
			if (stats.type === "inbound-rtp" && stats.kind === "audio") {
				const made_up = (stats.concealedSamples ?? 0) - (stats.silentConcealedSamples ?? 0);
				Object.assign(line, { made_up_ms: made_up / 48, heard: stats.packetsReceived, unheard: stats.packetsLost });
			}
			if (stats.type === "candidate-pair" && stats.nominated) {
				const all_bytes = stats.bytesSent + 28 * stats.packetsSent;
				Object.assign(line, { up_bps: stats.availableOutgoingBitrate, rtt: stats.currentRoundTripTime, all_bytes });
			}
		}
		lines.push(line);
	};
	setInterval(() => void look().catch(() => undefined), every_ms);
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
