// What the browsers' cameras and microphones take in: test cards as raw video and tones as wave files, made here so that no
// media file is kept and no tool is needed. Chromium plays both in a loop.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES = 30;

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

/** The agent's card: four other stripes, so that nobody mistakes one person for the other. @type {Rgb[]} */
export const STRIPES = [
	[230, 120, 20],
	[90, 40, 140],
	[20, 120, 110],
	[240, 230, 200],
];

export const CUSTOMER_HZ = 440;
/** No harmonic of the customer's, so that distortion of one is not taken for the other. */
export const AGENT_HZ = 1_000;

/**
 * Writes a card as YUV4MPEG2: upright bars, and below them a small white block that moves, so that a picture that stands
 * still is told from one that lives.
 * @param {string} path
 * @param {Rgb[]} bars
 */
export function writeCard(path, bars) {
	const file = openSync(path, "w");
	writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F30:1 Ip A1:1 C420jpeg\n`);
	for (let frame = 0; frame < FRAMES; frame += 1) {
		writeSync(file, "FRAME\n");
		writeSync(file, paint(bars, frame));
	}
	closeSync(file);
}

/**
 * Writes a tone as a mono wave file. It beeps four times a second: noise suppression takes a steady tone for noise.
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
