// What only the pages of admins say.

import { fill } from "../../i18n";

const words = {
	keys: "API keys",
	keys_more:
		"A key lets another program invite customers and fetch cases here. It opens what its scopes say and nothing else.",
	keys_docs: "How to use the API",
	keys_none: "There is no key yet.",
	keys_full: "There are {n} keys, which is all there may be. Revoke one to make another.",
	key_make: "Make a key",
	key_name: "Name",
	key_name_hint: "What it is for. Notes that are written with it have this name.",
	key_name_missing: "Please give the key a name.",
	key_scopes: "What it may do",
	key_scopes_missing: "Please choose at least one.",
	scope_invite: "Invite customers",
	scope_read: "Read calls, pictures and agents",
	scope_case: "Fetch case files, write notes",
	scope_erase: "Erase calls",
	scope_embed: "Embed the agent’s page",
	short_invite: "invite",
	short_read: "read",
	short_case: "case",
	short_erase: "erase",
	short_embed: "embed",
	key_ends: "Ends",
	days_30: "in 30 days",
	days_90: "in 90 days",
	days_365: "in a year",
	days_never: "when it is revoked",
	key_new: "The key {name}",
	key_once: "This is the only time that the key is shown. Keep it where your program keeps its secrets.",
	key_copy: "Copy key",
	key_copied: "The key was copied.",
	key_copy_by_hand: "The browser does not allow copying here. Please select the key.",
	column_name: "Name",
	column_scopes: "May",
	column_made: "Made",
	column_used: "Last used",
	column_ends: "Ends",
	made_by: "{date} by {maker}",
	made_by_operator: "{date} by the operator",
	used_never: "never",
	ends_never: "when revoked",
	key_revoke: "Revoke",
	key_revoke_named: "Revoke {name}",
	revoke_ask: "Revoke the key {name}?",
	revoke_more: "A program that uses it is refused at once. This cannot be taken back.",
	revoke_yes: "Revoke it",
	revoked: "The key was revoked.",
	not_admin: "Only admins come here.",
};

type AdminKey = keyof typeof words;

export function a(key: AdminKey, values?: Readonly<Record<string, string | number>>): string {
	return fill(words[key], values);
}
