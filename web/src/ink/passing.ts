// Messages of the channel `live` come from the other person unchecked: this page is the first to
// validate them.

import {
	CHANNEL_MESSAGE_BYTES_MAX,
	LINE_PLACE_MAX,
	LINE_POINTS_MAX,
	type Passing,
	type Piece,
	type Point,
} from "../wire/generated";
import { FAR } from "./geometry";

export function encodePassing(passing: Passing): string {
	return JSON.stringify(passing);
}

/** Parses a message and keeps known fields only; null if it is invalid. */
export function decodePassing(text: string): Passing | null {
	if (typeof text !== "string" || text.length > CHANNEL_MESSAGE_BYTES_MAX) return null;
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return null;
	}
	return checkedPassing(json);
}

function checkedPassing(json: unknown): Passing | null {
	if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
	const said = json as Readonly<Record<string, unknown>>;
	if (said.type === "pointer") return pointer(said);
	const { picture, mark, step } = said;
	if (!isWhole(picture, U32_MAX)) return null;
	if (said.type === "compose") return { type: "compose", picture };
	if (!isWhole(mark, U32_MAX)) return null;
	if (said.type === "dropped") return { type: "dropped", picture, mark };
	if (said.type !== "ink" || !isWhole(step, U32_MAX)) return null;
	const cut = piece(said);
	return cut === null ? null : { type: "ink", picture, mark, step, ...(said.done === true && { done: true }), ...cut };
}

function pointer(said: Readonly<Record<string, unknown>>): Passing | null {
	const picture = said.picture ?? undefined;
	const at = said.at ?? undefined;
	if (picture !== undefined && !isWhole(picture, U32_MAX)) return null;
	if (at !== undefined && !isPoint(at)) return null;
	return {
		type: "pointer",
		...(picture === undefined ? {} : { picture }),
		...(at === undefined ? {} : { at: [at[0], at[1]] }),
	};
}

function piece(said: Readonly<Record<string, unknown>>): Piece | null {
	const { tool } = said;
	if (tool === "arrow" || tool === "circle" || tool === "box") {
		const { from, to } = said;
		if (!isPoint(from) || !isPoint(to)) return null;
		return { tool, from: [from[0], from[1]], to: [to[0], to[1]] };
	}
	if (tool !== "pen") return null;
	const { start, line } = said;
	if (!isWhole(start, LINE_PLACE_MAX) || !isList(line, 2 * LINE_POINTS_MAX, FAR) || line.length % 2 !== 0) return null;
	const pressure = said.pressure ?? undefined;
	if (pressure === undefined) return { tool, start, line };
	if (!isList(pressure, LINE_POINTS_MAX, 255)) return null;
	// The wire's rule: pressure of another length than the line is ignored.
	return pressure.length === line.length / 2 ? { tool, start, line, pressure } : { tool, start, line };
}

function isWhole(value: unknown, most: number): value is number {
	// Rust rejects -0 as an integer, too.
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most && !Object.is(value, -0);
}

function isPoint(value: unknown): value is Point {
	return Array.isArray(value) && value.length === 2 && value.every((one) => isWhole(one, FAR));
}

function isList(value: unknown, longest: number, most: number): value is number[] {
	return (
		Array.isArray(value) && value.length > 0 && value.length <= longest && value.every((one) => isWhole(one, most))
	);
}

const U32_MAX = 4_294_967_295;
