// Refusals that mean the same wherever they come from.

import type { Refusal } from "../../wire/generated";

/** The call is over already. */
export const OVER: ReadonlySet<Refusal["why"]> = new Set(["call_ended", "invite_cancelled", "invite_expired"]);
/** Worth another try in a moment. */
export const MOMENTARY: ReadonlySet<Refusal["why"]> = new Set(["busy", "trouble", "too_often", "not_attached"]);
