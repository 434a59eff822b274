// Pixels of screens and pictures, outside of any browser: PNG decoding (ISO/IEC 15948) and pixels
// of one colour.

import { inflateSync } from "node:zlib";

/**
 * @typedef {{ width: number, height: number, channels: number, data: Buffer }} Pixels rows from the top, 8 bits a channel
 * @typedef {import("./cards.mjs").Rgb} Rgb
 */

/**
 * Decodes what Chromium writes: 8 bits a channel, with or without alpha, not interlaced.
 * @param {Buffer} png
 * @returns {Pixels}
 */
export function decodePng(png) {
	const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
	const channels = { 2: 3, 6: 4 }[png[25]];
	if (png[24] !== 8 || channels === undefined || png[28] !== 0) throw new Error("no PNG of the kind Chromium writes");
	const parts = [];
	for (let at = 8; at < png.length; ) {
		const length = png.readUInt32BE(at);
		if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
		at += length + 12;
	}
	return {
		width,
		height,
		channels,
		data: unfilter(inflateSync(Buffer.concat(parts)), width * channels, height, channels),
	};
}

/** Section 9.2: every byte was written as its difference from a guess made of its neighbours. */
function unfilter(raw, stride, height, channels) {
	const data = Buffer.alloc(stride * height);
	for (let y = 0; y < height; y += 1) {
		const kind = raw[y * (stride + 1)];
		const from = y * (stride + 1) + 1;
		const to = y * stride;
		for (let x = 0; x < stride; x += 1) {
			const left = x >= channels ? data[to + x - channels] : 0;
			const up = y > 0 ? data[to + x - stride] : 0;
			const corner = x >= channels && y > 0 ? data[to + x - stride - channels] : 0;
			data[to + x] = raw[from + x] + guess(kind, left, up, corner);
		}
	}
	return data;
}

function guess(kind, left, up, corner) {
	switch (kind) {
		case 0:
			return 0;
		case 1:
			return left;
		case 2:
			return up;
		case 3:
			return (left + up) >> 1;
		default: {
			const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
			if (a <= b && a <= c) return left;
			return b <= c ? up : corner;
		}
	}
}

/** @param {Pixels} pixels @returns {Rgb} */
export function at({ width, channels, data }, x, y) {
	const from = (y * width + x) * channels;
	return [data[from], data[from + 1], data[from + 2]];
}

/**
 * The middles of all pixels of a colour.
 * @param {Pixels} pixels
 * @param {Rgb} rgb
 * @param {number} tolerance on each channel
 * @returns {[number, number][]}
 */
export function ofColour({ width, height, channels, data }, rgb, tolerance) {
	/** @type {[number, number][]} */
	const found = [];
	for (let y = 0, from = 0; y < height; y += 1) {
		for (let x = 0; x < width; x += 1, from += channels) {
			if (Math.abs(data[from] - rgb[0]) > tolerance) continue;
			if (Math.abs(data[from + 1] - rgb[1]) > tolerance) continue;
			if (Math.abs(data[from + 2] - rgb[2]) > tolerance) continue;
			found.push([x + 0.5, y + 0.5]);
		}
	}
	return found;
}

/**
 * The square that most of these points fill, as its middle and sides. Others of its colour, such as
 * the rims of lines, lie around it.
 * @param {[number, number][]} points
 * @returns {{ middle: [number, number], size: [number, number] }}
 */
export function square(points) {
	const middle = [0, 1].map((axis) => extent(points, axis, 0.5)[0]);
	const reach = Math.sqrt(points.length) * 0.75;
	const near = points.filter(([x, y]) => Math.abs(x - middle[0]) < reach && Math.abs(y - middle[1]) < reach);
	// The outermost hundredth counts as chance: a frame's noise, an edge half covered.
	const sides = [0, 1].map((axis) => extent(near, axis, 0.01));
	return {
		middle: /** @type {[number, number]} */ (sides.map(([low, high]) => (low + high) / 2)),
		size: /** @type {[number, number]} */ (sides.map(([low, high]) => high - low)),
	};
}

/** From where to where the points reach, without this part of them at either end. */
function extent(points, axis, part) {
	const sorted = Float64Array.from(points, (point) => point[axis]).sort();
	const skipped = Math.floor(sorted.length * part);
	return [sorted[skipped], sorted[Math.max(0, sorted.length - 1 - skipped)]];
}
