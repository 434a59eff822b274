// The words of the console in the language that the page speaks. Languages other than English load
// as chunks of their own (`speech.ts`).

import { language } from "../i18n";
import type { AdminKey } from "./admin/words";
import type { DetailKey } from "./detail/words";
import type { GuestKey } from "./guest/words";
import type { HookKey } from "./admin/webhook-words";
import type { AgentKey } from "./words";

export interface ConsoleWords {
	console: Readonly<Record<AgentKey, string>>;
	detail: Readonly<Record<DetailKey, string>>;
	admin: Readonly<Record<AdminKey, string>>;
	webhooks: Readonly<Record<HookKey, string>>;
	guest: Readonly<Record<GuestKey, string>>;
}

/** Languages that have come. */
const heard = new Map<string, ConsoleWords>();

export function hear(said: string, words: ConsoleWords): void {
	heard.set(said, words);
}

/** Undefined for English, which is where the words are used. Components follow a change. */
export function spoken(): ConsoleWords | undefined {
	return heard.get(language.value);
}
