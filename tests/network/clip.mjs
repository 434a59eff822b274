// What the camera sees and the microphone hears: a hand-held look over a surface with detail of
// every size, which is hard to compress, and a voice. Both are made here, from a seed.

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 60;
const RATE = 30;
/** The surface is larger than the picture by this much on each side. */
const MARGIN = 96;

/** A generator of numbers from 0 to 1 (mulberry32). @param {number} seed */
function chance(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Makes the folder with `clip.y4m` and `voice.wav`, which goes with this process. */
export function makeMedia() {
	const folder = mkdtempSync(join(tmpdir(), "sightline-network-"));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	writeClip(join(folder, "clip.y4m"));
	writeVoice(join(folder, "voice.wav"));
	return folder;
}

/**
 * Writes two seconds of 1280x720 at 30 frames a second, which loop without a seam.
 * @param {string} path
 */
function writeClip(path) {
	const wide = WIDTH + 2 * MARGIN;
	const high = HEIGHT + 2 * MARGIN;
	const surface = octaves(wide, high, chance(1));
	const noise = chance(2);
	const grain = Int8Array.from({ length: 1 << 16 }, () => Math.round((noise() - 0.5) * 8));
	const file = openSync(path, "w");
	writeSync(file, `YUV4MPEG2 W${WIDTH} H${HEIGHT} F${RATE}:1 Ip A1:1 C420jpeg\n`);
	const luma = Buffer.alloc(WIDTH * HEIGHT);
	const blue = Buffer.alloc(luma.length / 4, 118);
	const red = Buffer.alloc(luma.length / 4, 138);
	for (let frame = 0; frame < FRAMES; frame += 1) {
		const turn = (2 * Math.PI * frame) / FRAMES;
		const left = MARGIN + Math.round(60 * Math.sin(turn) + 5 * Math.sin(7 * turn));
		const top = MARGIN + Math.round(40 * Math.cos(turn) + 4 * Math.cos(9 * turn));
		let at = Math.floor(noise() * grain.length);
		for (let y = 0; y < HEIGHT; y += 1) {
			const row = (y + top) * wide + left;
			for (let x = 0; x < WIDTH; x += 1) {
				at = (at + 1) & 0xffff;
				luma[y * WIDTH + x] = surface[row + x] + grain[at];
			}
		}
		writeSync(file, "FRAME\n");
		for (const plane of [luma, blue, red]) writeSync(file, plane);
	}
	closeSync(file);
}

/** Noise of every size from 2 to 128 pixels, the coarse ones stronger. */
function octaves(wide, high, random) {
	const sum = new Float32Array(wide * high);
	for (let size = 2; size <= 128; size *= 2) {
		const columns = Math.ceil(wide / size) + 2;
		const knots = Float32Array.from({ length: columns * (Math.ceil(high / size) + 2) }, () => random() - 0.5);
		const strength = 12 * Math.sqrt(size);
		for (let y = 0; y < high; y += 1) {
			const row = Math.floor(y / size) * columns;
			const down = (y % size) / size;
			for (let x = 0; x < wide; x += 1) {
				const knot = row + Math.floor(x / size);
				const right = (x % size) / size;
				const upper = knots[knot] * (1 - right) + knots[knot + 1] * right;
				const lower = knots[knot + columns] * (1 - right) + knots[knot + columns + 1] * right;
				sum[y * wide + x] += strength * (upper * (1 - down) + lower * down);
			}
		}
	}
	return Uint8Array.from(sum, (value) => Math.min(230, Math.max(24, 126 + value)));
}

/** Formants of vowels in Hz (Peterson and Barney 1952, men). */
const VOWELS = [
	[730, 1090, 2440],
	[270, 2290, 3010],
	[300, 870, 2240],
	[530, 1840, 2480],
	[570, 840, 2410],
];

/**
 * Writes eight seconds of a voice that says syllables: a pulse of varying pitch through three
 * resonators, with noise at the beginning of some syllables and pauses between words.
 * @param {string} path
 */
function writeVoice(path) {
	const rate = 48_000;
	const random = chance(3);
	const data = Buffer.alloc(rate * 8 * 2);
	let at = 0;
	while (at < rate * 8) {
		const pause = random() < 0.25;
		const length = Math.round(rate * (pause ? 0.15 + 0.2 * random() : 0.12 + 0.12 * random()));
		if (!pause) syllable(data, at, Math.min(length, rate * 8 - at), rate, random);
		at += length;
	}
	writeFileSync(path, Buffer.concat([waveHeader(data.length, rate), data]));
}

function syllable(data, from, length, rate, random) {
	const resonators = VOWELS[Math.floor(random() * VOWELS.length)].map((hz) => resonator(hz, 90, rate));
	const pitch = 95 + 50 * random();
	const hiss = random() < 0.5 ? 0.25 * length : 0;
	let phase = 0;
	for (let at = 0; at < length; at += 1) {
		phase += (pitch * (1 - (0.15 * at) / length)) / rate;
		const pulse = phase % 1 < 0.06 ? 1 : -0.06;
		const voiced = at < hiss ? 0 : pulse;
		const source = voiced + (random() - 0.5) * (at < hiss ? 0.5 : 0.03);
		const loud = Math.sin((Math.PI * at) / length);
		const value = resonators.reduce((sum, next, which) => sum + next(source) / (which + 1), 0);
		data.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value * loud * 0.25)) * 30_000), (from + at) * 2);
	}
}

/** A filter that lets one resonance through. */
function resonator(hz, width, rate) {
	const radius = Math.exp((-Math.PI * width) / rate);
	const turn = 2 * radius * Math.cos((2 * Math.PI * hz) / rate);
	let [last, before] = [0, 0];
	return (value) => {
		[last, before] = [value + turn * last - radius * radius * before, last];
		return last * (1 - radius) * 6;
	};
}

function waveHeader(bytes, rate) {
	const head = Buffer.alloc(44);
	head.write("RIFF", 0);
	head.writeUInt32LE(36 + bytes, 4);
	head.write("WAVEfmt ", 8);
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(rate, 24);
	head.writeUInt32LE(rate * 2, 28);
	head.writeUInt16LE(2, 32);
	head.writeUInt16LE(16, 34);
	head.write("data", 36);
	head.writeUInt32LE(bytes, 40);
	return head;
}
