// Pixels of screens and pictures without a browser: decodes PNG (ISO/IEC 15948) and finds pixels of
// one colour.

import { inflateSync } from "node:zlib";

/**
 * @typedef {{ width: number, height: number, channels: number, data: Buffer }} Pixels
 *   rows from the top, 8 bits per channel
 * @typedef {import("./cards.mjs").Rgb} Rgb
 */

/**
 * Decodes a PNG as Chromium writes it: 8 bits per channel, with or without alpha, not interlaced.
 * @param {Buffer} png
 * @returns {Pixels}
 */
export function decodePng(png) {
	const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
	const channels = { 2: 3, 6: 4 }[png[25]];
	if (png[24] !== 8 || channels === undefined || png[28] !== 0)
		throw new Error("unsupported PNG: expected one that Chromium writes");
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

/** Section 9.2: every byte is stored as its difference from a prediction by its neighbours. */
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
 * The centres of all pixels of a colour.
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
 * The square that contains most of these points, as its middle and sides. Other points of the same
 * colour, such as the edges of lines, may lie around it.
 * @param {[number, number][]} points
 * @returns {{ middle: [number, number], size: [number, number] }}
 */
export function square(points) {
	const middle = [0, 1].map((axis) => extent(points, axis, 0.5)[0]);
	const reach = Math.sqrt(points.length) * 0.75;
	const near = points.filter(([x, y]) => Math.abs(x - middle[0]) < reach && Math.abs(y - middle[1]) < reach);
	// Ignores the outermost hundredth: noise, and edges that cover half a pixel.
	const sides = [0, 1].map((axis) => extent(near, axis, 0.01));
	return {
		middle: /** @type {[number, number]} */ (sides.map(([low, high]) => (low + high) / 2)),
		size: /** @type {[number, number]} */ (sides.map(([low, high]) => high - low)),
	};
}

/** The range of the points on an axis, ignoring this fraction of them at either end. */
export function extent(points, axis, part) {
	const sorted = Float64Array.from(points, (point) => point[axis]).sort();
	const skipped = Math.floor(sorted.length * part);
	return [sorted[skipped], sorted[Math.max(0, sorted.length - 1 - skipped)]];
}
