// What a person at a page sees and hears, measured in the page: the colours of a video's pixels and
// the frequency of its sound.

import { decodePng } from "./pixels.mjs";
import { until } from "./until.mjs";

/** Codecs work in YCbCr and change colours slightly. */
const TOLERANCE = 26;
/** Also allows for the colours that a moving picture changes until it arrives. */
const DELAYED = 60;
const PICTURE_MS = 30_000;
const SOUND_MS = 24_000;

/** @typedef {import("playwright-core").Locator} Locator */
/** @typedef {import("./cards.mjs").Rgb} Rgb */

/**
 * Waits until the video shows this card and moves.
 * @param {Locator} video
 * @param {Rgb[]} bars
 */
export async function shows(video, bars, within_ms = PICTURE_MS) {
	await until(
		`a video shows ${bars.length} bars`,
		async () => {
			const seen = await colours(video, bars.length);
			if (!seen.every((rgb, at) => near(rgb, bars[at]))) throw new Error(`it shows ${JSON.stringify(seen)}`);
			return true;
		},
		within_ms,
	);
	await moves(video, within_ms);
}

/** Waits until the video has painted some more frames. @param {Locator} video */
export async function moves(video, within_ms = PICTURE_MS) {
	let first = -1;
	await until(
		"the picture moves",
		async () => {
			if (first < 0) first = await frames(video);
			return (await frames(video)) > first + 3;
		},
		within_ms,
	);
}

/**
 * Waits until a video moves and shows what another one shows at about the same time.
 * @param {Locator} video
 * @param {Locator} other
 */
export async function showsTheSame(video, other, within_ms = PICTURE_MS) {
	await until(
		"a video shows what the other one shows",
		async () => {
			const [[seen], [sent]] = await Promise.all([colours(video, 1), colours(other, 1)]);
			const apart = Math.max(...seen.map((value, at) => Math.abs(value - sent[at])));
			if (apart > DELAYED) throw new Error(`it shows ${seen}, the other one ${sent}`);
			return true;
		},
		within_ms,
	);
	await moves(video, within_ms);
}

/**
 * Waits until the screen shows nothing of this card at the video's place: the video is gone, black
 * or covered.
 * @param {Locator} video
 * @param {Rgb[]} bars
 */
export async function looksEmpty(video, bars) {
	await until(
		"the picture is gone",
		async () => {
			if ((await video.count()) === 0 || !(await video.isVisible())) return true;
			const seen = await painted(video, bars.length);
			const left = seen.filter((rgb, at) => near(rgb, bars[at]));
			if (left.length > bars.length / 3) throw new Error(`it shows ${JSON.stringify(seen)}`);
			return true;
		},
		PICTURE_MS,
	);
}

/**
 * The pixels of a JPEG, decoded by a browser.
 * @param {import("playwright-core").BrowserContext} context
 * @param {Buffer} bytes
 * @returns {Promise<import("./pixels.mjs").Pixels>}
 */
export async function decoded(context, bytes) {
	const page = await context.newPage();
	try {
		const png = await page.evaluate(async (base64) => {
			const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
			const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
			const canvas = document.createElement("canvas");
			canvas.width = image.width;
			canvas.height = image.height;
			canvas.getContext("2d").drawImage(image, 0, 0);
			return canvas.toDataURL("image/png").split(",")[1];
		}, bytes.toString("base64"));
		return decodePng(Buffer.from(png, "base64"));
	} finally {
		await page.close();
	}
}

/**
 * The number of frames this video has painted so far.
 * @param {Locator} video
 * @returns {Promise<number>}
 */
export function frames(video) {
	// Firefox counts the frames of a live stream in a property of its own.
	return video.evaluate((element) => element.mozPaintedFrames ?? element.getVideoPlaybackQuality().totalVideoFrames);
}

/**
 * The average colours of the video's frame in equal vertical strips.
 * @param {Locator} video
 * @param {number} strips
 * @param {"top" | "bottom"} end of the strips
 * @returns {Promise<Rgb[]>}
 */
export function colours(video, strips, end = "top") {
	return video.evaluate(stripsOf, { strips, end, picture: null });
}

/**
 * The average colours of the screen at the video's place, including what covers the video.
 * @param {Locator} video
 * @param {number} strips
 * @returns {Promise<Rgb[]>}
 */
async function painted(video, strips) {
	const picture = (await video.screenshot({ animations: "disabled" })).toString("base64");
	return video.evaluate(stripsOf, { strips, end: "top", picture });
}

/** Runs in the page. On the screen, names and buttons are in the lower half of a video. */
async function stripsOf(video, { strips, end, picture }) {
	if (picture === null && video.videoWidth === 0) throw new Error("the video has no picture");
	const bytes = picture === null ? null : Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
	const source = bytes === null ? video : await createImageBitmap(new Blob([bytes], { type: "image/png" }));
	const canvas = document.createElement("canvas");
	canvas.width = strips * 10;
	canvas.height = 20;
	const brush = canvas.getContext("2d", { willReadFrequently: true });
	brush.drawImage(source, 0, 0, canvas.width, canvas.height);
	return Array.from({ length: strips }, (_, strip) => {
		const { data } = brush.getImageData(strip * 10 + 3, end === "top" ? 4 : 15, 4, 4);
		const sum = [0, 0, 0];
		for (let at = 0; at < data.length; at += 4) for (let of = 0; of < 3; of += 1) sum[of] += data[at + of];
		return sum.map((value) => Math.round(value / (data.length / 4)));
	});
}

/**
 * Waits until this tone is the loudest sound the page plays.
 * @param {import("playwright-core").Page} page
 * @param {number} hz
 */
export async function hears(page, hz, within_ms = SOUND_MS) {
	await until(
		`a tone of ${hz} Hz is heard`,
		async () => {
			const heard = await listen(page, 1_000);
			if (heard.loudness_db < AUDIBLE_DB) throw new Error(`it is silent (${JSON.stringify(heard)})`);
			if (Math.abs(heard.hz - hz) > 15) throw new Error(`it is ${JSON.stringify(heard)}`);
			return true;
		},
		within_ms,
	);
}

/** Waits until the page is silent for a second. @param {import("playwright-core").Page} page */
export async function hearsNothing(page, within_ms = SOUND_MS) {
	await until(
		"silence",
		async () => {
			const heard = await listen(page, 1_200);
			if (heard.loudness_db >= AUDIBLE_DB) throw new Error(JSON.stringify(heard));
			return true;
		},
		within_ms,
	);
}

/**
 * Waits until this tone is the loudest in a second of recorded sound. For a browser whose
 * `AudioContext` needs an audio device, which a machine for tests lacks.
 * @param {import("playwright-core").Page} page
 * @param {number} hz
 */
export async function records(page, hz, within_ms = SOUND_MS) {
	await until(
		`a tone of ${hz} Hz is recorded`,
		async () => {
			const heard = await page.evaluate(record, 1_000);
			if (heard.loudness < 0.01 || Math.abs(heard.hz - hz) > 15) throw new Error(JSON.stringify(heard));
			return true;
		},
		within_ms,
	);
}

/** Runs in the page: the loudest tone below 2 kHz that an audible element plays, from 0 to 1. */
async function record(for_ms) {
	const track = [...document.querySelectorAll("video, audio")]
		.filter((element) => !element.muted && !element.paused && element.volume > 0)
		.flatMap((element) => element.srcObject?.getAudioTracks() ?? [])
		.find((track) => track.readyState === "live");
	if (track === undefined) throw new Error("there is no sound");
	const recorder = new MediaRecorder(new MediaStream([track]));
	const parts = [];
	recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
	const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
	recorder.start();
	await new Promise((resolve) => setTimeout(resolve, for_ms));
	recorder.stop();
	await stopped;
	const rate = 16_000;
	const bytes = await new Blob(parts).arrayBuffer();
	const samples = (await new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes)).getChannelData(0);
	const heard = { hz: 0, loudness: 0 };
	// Goertzel's algorithm: the strength of one frequency.
	for (let hz = 100; hz < 2_000; hz += 5) {
		const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
		let [one, two] = [0, 0];
		for (const sample of samples) [one, two] = [sample + turn * one - two, one];
		const loudness = (2 * Math.sqrt(one * one + two * two - turn * one * two)) / samples.length;
		if (loudness > heard.loudness) Object.assign(heard, { hz, loudness });
	}
	return heard;
}

/**
 * Listens to all audible elements of the page for a while. Returns the loudest level and its
 * frequency.
 * @param {import("playwright-core").Page} page
 * @param {number} for_ms
 */
function listen(page, for_ms) {
	return page.evaluate(async (for_ms) => {
		const heard = { hz: 0, loudness_db: -200, sources: 0 };
		const tracks = [...document.querySelectorAll("video, audio")]
			.filter((element) => !element.muted && !element.paused && element.volume > 0)
			.flatMap((element) => element.srcObject?.getAudioTracks() ?? [])
			.filter((track) => track.readyState === "live");
		heard.sources = tracks.length;
		if (tracks.length === 0) return heard;
		const context = new AudioContext();
		try {
			const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
			context.createMediaStreamSource(new MediaStream(tracks)).connect(analyser);
			const bins = new Float32Array(analyser.frequencyBinCount);
			const end = performance.now() + for_ms;
			while (performance.now() < end) {
				await new Promise((resolve) => setTimeout(resolve, 50));
				analyser.getFloatFrequencyData(bins);
				// Skips everything below 100 Hz, which is hum.
				for (let at = 20; at < bins.length; at += 1) {
					if (bins[at] > heard.loudness_db) {
						heard.loudness_db = bins[at];
						heard.hz = (at * context.sampleRate) / analyser.fftSize;
					}
				}
			}
			return heard;
		} finally {
			await context.close();
		}
	}, for_ms);
}

const AUDIBLE_DB = -65;

/** @param {Rgb} a @param {Rgb} b */
export function near(a, b) {
	return a.every((value, at) => Math.abs(value - b[at]) <= TOLERANCE);
}
