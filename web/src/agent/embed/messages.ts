// Reads what the page around this one says. Its bytes are an outsider's: each field is checked.

import type { SignsIn, SignsOut } from "../../../embed";
import { NUMBER_MAX, REFERENCE_MAX } from "../../wire/generated";

/** A message that can be understood; what is wrong in it beside the token is left out. */
export function read(data: unknown): SignsIn | SignsOut | null {
	const said = fields(data);
	if (said.sightline !== 1) return null;
	if (said.type === "sign-out") return { sightline: 1, type: "sign-out" };
	const token = text(said.token, TOKEN_MAX);
	if (said.type !== "token" || token === undefined) return null;
	const { number, reference, language } = fields(said.prefill);
	const prefill = given({
		number: text(number, NUMBER_MAX),
		reference: text(reference, REFERENCE_MAX),
		language: text(language, LANGUAGE_MAX),
	});
	const call = typeof said.call === "string" && CALL.test(said.call) ? said.call : undefined;
	return { sightline: 1, type: "token", token, prefill, ...(call !== undefined && { call }) };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown, most: number): string | undefined {
	return typeof value === "string" && value !== "" && value.length <= most ? value : undefined;
}

function given(texts: Record<string, string | undefined>): Record<string, string> {
	return Object.fromEntries(Object.entries(texts).flatMap(([name, of]) => (of === undefined ? [] : [[name, of]])));
}

/** `EmbedToken::BYTES_MAX`. */
const TOKEN_MAX = 2_048;
const LANGUAGE_MAX = 12;
/** 16 bytes as base64url. */
const CALL = /^[\w-]{21}[AQgw]$/;
