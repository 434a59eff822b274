// What a customer's page tells from the lobby.

import type { Body } from "./outbox";
import type { LobbyStep } from "../wire/generated";

/** What keeps a customer from joining. */
export type HoldUp = Exclude<LobbyStep, "in_lobby" | "asking" | "joining">;

/** Tells what holds a customer up from where they are. */
export const holdsUp = (step: LobbyStep): step is HoldUp => !PASSING.has(step);

const PASSING: ReadonlySet<LobbyStep> = new Set(["in_lobby", "asking", "joining"]);

/** The command tells of a trouble that belongs to the record of the call. */
export const tellsHoldUp = (body: Body): boolean => body.type === "lobby" && holdsUp(body.step);
