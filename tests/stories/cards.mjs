// Input for the browsers' fake cameras and microphones: test cards as raw video and tones as wave
// files. They are generated here, so the repository needs neither media files nor a media tool.
// Chromium plays both in a loop.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";

const WIDTH = 640;
const HEIGHT = 360;
/** Frames of a card, which lasts a second. With 30 a call needs a third more of the processor. */
const FRAMES = 15;

/** @typedef {[number, number, number]} Rgb */

/** The customer's card: the seven bars of SMPTE EG 1 at 75 %, from left to right. @type {Rgb[]} */
export const BARS = [
	[191, 191, 191],
	[191, 191, 0],
	[0, 191, 191],
	[0, 191, 0],
	[191, 0, 191],
	[191, 0, 0],
	[0, 0, 191],
];

/**
 * The agent's card: four stripes of other colours, so that the two people look different.
 * @type {Rgb[]}
 */
export const STRIPES = [
	[230, 120, 20],
	[90, 40, 140],
	[20, 120, 110],
	[240, 230, 200],
];

/** Squares on grey, each in a different colour. They show where a picture lies on a screen. */
export const LANDMARKS = {
	red: { rgb: [205, 20, 20], at: [0.08, 0.14] },
	green: { rgb: [20, 160, 40], at: [0.92, 0.14] },
	blue: { rgb: [20, 20, 205], at: [0.08, 0.66] },
	magenta: { rgb: [205, 20, 205], at: [0.92, 0.86] },
	orange: { rgb: [230, 100, 20], at: [0.42, 0.5] },
	purple: { rgb: [90, 20, 140], at: [0.58, 0.5] },
};
/** @type {Rgb} */
export const GROUND = [150, 150, 150];
/** The resolution of a good phone's camera. */
export const LARGE = { width: 1920, height: 1080 };
const LANDMARK_SIDE = 64;

export const CUSTOMER_HZ = 440;
/** Not a harmonic of the customer's tone, so that distortion is not mistaken for this tone. */
export const AGENT_HZ = 1_000;

/**
 * Writes a card as YUV4MPEG2: vertical bars, and below them a small moving white block, which
 * distinguishes live video from a frozen picture.
 * @param {string} path
 * @param {Rgb[]} bars
 */
export function writeCard(path, bars) {
	const file = openSync(path, "w");
	writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES}:1 Ip A1:1 C420jpeg\n`);
	for (let frame = 0; frame < FRAMES; frame += 1) {
		writeSync(file, "FRAME\n");
		writeSync(file, paint(bars, frame));
	}
	closeSync(file);
}

/**
 * Writes the landmarks at full size. Every frame is three megabytes, so there are few of them. A
 * white block moves along the top.
 * @param {string} path
 */
export function writeLandmarks(path) {
	const file = openSync(path, "w");
	writeSync(file, `YUV4MPEG2 W${LARGE.width} H${LARGE.height} F${LARGE_FRAMES}:1 Ip A1:1 C420jpeg\n`);
	const { width, height } = LARGE;
	for (let frame = 0; frame < LARGE_FRAMES; frame += 1) {
		const planes = [
			Buffer.alloc(width * height),
			Buffer.alloc((width * height) / 4),
			Buffer.alloc((width * height) / 4),
		];
		const fill = (left, top, wide, high, colour) => {
			for (const [at, plane] of planes.entries()) {
				const part = at === 0 ? 1 : 2;
				for (let y = top / part; y < (top + high) / part; y += 1) {
					const from = (y * width + left) / part;
					plane.fill(colour[at], from, from + wide / part);
				}
			}
		};
		fill(0, 0, width, height, yuv(GROUND));
		for (const { rgb, at } of Object.values(LANDMARKS)) {
			const [left, top] = [at[0] * width, at[1] * height].map(
				(middle) => 2 * Math.round((middle - LANDMARK_SIDE / 2) / 2),
			);
			fill(left, top, LANDMARK_SIDE, LANDMARK_SIDE, yuv(rgb));
		}
		fill(2 * Math.floor((frame * width) / LARGE_FRAMES / 2), 0, 40, 20, [235, 128, 128]);
		writeSync(file, "FRAME\n");
		for (const plane of planes) writeSync(file, plane);
	}
	closeSync(file);
}

const LARGE_FRAMES = 10;

/**
 * Writes a tone as a mono wave file. It beeps four times a second, because noise suppression
 * removes a steady tone.
 * @param {string} path
 * @param {number} hz
 */
export function writeTone(path, hz) {
	const rate = 48_000;
	const seconds = 4;
	const data = Buffer.alloc(rate * seconds * 2);
	for (let at = 0; at < rate * seconds; at += 1) {
		const beat = (at / rate) * 4;
		const loud = Math.max(0, Math.sin(2 * Math.PI * beat)) * 0.5;
		data.writeInt16LE(Math.round(32_000 * loud * Math.sin((2 * Math.PI * hz * at) / rate)), at * 2);
	}
	const head = Buffer.alloc(44);
	head.write("RIFF", 0);
	head.writeUInt32LE(36 + data.length, 4);
	head.write("WAVEfmt ", 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * 2, 28);
	head.writeUInt16LE(2, 32);
	head.writeUInt16LE(16, 34);
	head.write("data", 36);
	head.writeUInt32LE(data.length, 40);
	writeFileSync(path, Buffer.concat([head, data]));
}

/** @param {Rgb[]} bars @param {number} frame */
function paint(bars, frame) {
	const luma = Buffer.alloc(WIDTH * HEIGHT);
	const blue = Buffer.alloc((WIDTH * HEIGHT) / 4);
	const red = Buffer.alloc((WIDTH * HEIGHT) / 4);
	const colours = bars.map(yuv);
	for (let y = 0; y < HEIGHT; y += 1) {
		for (let x = 0; x < WIDTH; x += 1) {
			const block = y >= HEIGHT - 30 && Math.abs(x - (frame * WIDTH) / FRAMES - 10) < 10;
			const [luminance, cb, cr] = block ? [235, 128, 128] : colours[Math.floor((x * bars.length) / WIDTH)];
			luma[y * WIDTH + x] = luminance;
			const half = (y >> 1) * (WIDTH / 2) + (x >> 1);
			blue[half] = cb;
			red[half] = cr;
		}
	}
	return Buffer.concat([luma, blue, red]);
}

/** ITU-R BT.601, limited range. @param {Rgb} rgb */
function yuv([r, g, b]) {
	return [
		16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255,
		128 + (-37.797 * r - 74.203 * g + 112 * b) / 255,
		128 + (112 * r - 93.786 * g - 18.214 * b) / 255,
	].map(Math.round);
}
