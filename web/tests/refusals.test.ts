// A refusal keeps its reason on the way to the person.

import { expect, test } from "vitest";
import { failureWords, refusalWords } from "../src/ui/refusals";
import type { Refusal } from "../src/wire/generated";

/** What a person can cause. The others are faults of a page or of the network between. */
const CAUSED: Refusal["why"][] = [
	"too_long",
	"seat_taken",
	"name_taken",
	"moved",
	"invite_expired",
	"invite_cancelled",
	"call_ended",
	"already_joined",
	"too_soon",
	"camera_off",
	"board_closed",
	"no_picture",
	"not_uploaded",
	"bad_picture",
	"limit_reached",
	"too_often",
	"busy",
	"trouble",
];

test("each reason that a person can cause has words of its own", () => {
	const other = refusalWords({ why: "malformed" });
	const words = CAUSED.map((why) => refusalWords({ why, wait_ms: 1_000, expected: 1 } as Refusal));
	for (const [at, text] of words.entries()) expect(text, CAUSED[at]).not.toBe(other);
	expect(new Set(words).size, "a seat that was taken and one that moved read the same").toBe(CAUSED.length - 1);
});

test("a server in trouble, a network and a refusal have words of their own", () => {
	const words = [
		failureWords({ error: "network" }),
		failureWords({ error: "trouble" }),
		failureWords({ error: "too_often" }),
		failureWords({ error: "refused", why: "limit_reached" }),
	];
	expect(new Set(words).size).toBe(words.length);
});
