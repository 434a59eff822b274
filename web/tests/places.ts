// What the texts of every language are measured by: how much room their places have, and which
// texts are the same in another language.

/** A kind of place, the letters that fit there, and the texts that stand in it. */
interface Place {
	place: string;
	most: number;
	texts: RegExp;
}

/** Letters, without the values filled in. What is measured in pixels is in the stories. */
export const LENGTHS: readonly Place[] = [
	{ place: "the bar", most: 17, texts: /^console\.(calls|new_call|admin)$/ },
	{
		place: "a short button",
		most: 22,
		texts: /^console\.(copy|qr|done|speak_here|arrival_test|open_call|invite_again)$/,
	},
	{
		place: "a button",
		most: 28,
		texts:
			/^(console\.(send|again|cancel|cancel_yes|cancel_no|unlikely_send|unlikely_change|allow_microphone|clear_yes|moved_back|back_to_start|filters_clear|calls_clear|keys_show|renew|calls_older)|detail\.(download|print|erase|erase_yes|note_add|note_edit|note_save|picture_download|all_calls)|admin\.(lines_(save|both|take|keep)|key_make|key_copy|key_revoke|revoke_yes)|page\.(cancel|close|dismiss|try_again|try_now|end_for_both|join|move_here|show_camera|copy_link|reload|held_save|rate_send|rate_change|code_go|choose_picture|take_photo|chat_send|take_another|back_to_live))$/,
	},
	{ place: "a column's head", most: 18, texts: /^admin\.column_/ },
	{
		place: "a column's head in a table that scrolls",
		most: 20,
		texts: /^detail\.quality_(time|kbit|lost|made_up|frozen|trips)$/,
	},
	{ place: "a term", most: 20, texts: /^detail\.(customer|agent|number|began|length|outcome|device|lobby|kept)$/ },
	{ place: "a part's title", most: 20, texts: /^detail\.(timeline|chat|pictures|notes|ratings|quality)$/ },
	{ place: "a step of the way in", most: 28, texts: /^console\.step_/ },
	{ place: "the state of a call", most: 26, texts: /^console\.(phase|ended)_/ },
	{ place: "a pill in the call", most: 24, texts: /^(console\.on_phone|page\.connection_\w+)$/ },
	{
		place: "a field's label",
		most: 28,
		texts: /^console\.(country|number|reference|language|filter_\w+|choose_\w+|console_language|code)$/,
	},
	{
		place: "an option",
		most: 24,
		texts: /^(console\.(settings_default|language_of_browser)|admin\.days_\w+)$/,
	},
	{ place: "a kind of number", most: 26, texts: /^console\.kind_/ },
	{ place: "a scope in the table", most: 14, texts: /^admin\.short_/ },
	{
		place: "a dialog's title",
		most: 42,
		texts:
			/^(console\.(unlikely_title|unlikely_which|qr_title|cancel_ask|clear_ask|renewed_title)|detail\.erase_ask|page\.end_ask)$/,
	},
	{
		place: "a heading",
		most: 56,
		texts:
			/^(console\.(start|waiting|sign_in)|page\.(call_ended|link_\w+(?<!_more)|moved|version|trouble_\w+|code_title|no_cookies|trust|in_app|rate_how))$/,
	},
	{ place: "a hint in a field", most: 48, texts: /^console\.calls_search_hint$/ },
	{ place: "a line of the customer's call", most: 64, texts: /^page\.picture_\w+_by$/ },
];

/** Names of products and units are the same everywhere. */
export const NAMES =
	/^detail\.(browser_(safari|chrome|firefox|edge|samsung|opera)|system_(?!other)\w+|quality_(trip|kbit))$|^admin\.(webhooks|bin_s|bin_min)$/;

/** Words that another language shares with English. */
export const SHARED: Readonly<Record<string, readonly string[]>> = {
	de: [
		"page.connection_live",
		"page.chat",
		"page.code",
		"console.code",
		"console.tool_text",
		"detail.chat",
		"admin.key_name",
		"admin.look_logo",
		"admin.column_name",
		"webhooks.name",
	],
	es: ["page.chat", "detail.chat"],
	fr: [
		"page.chat_message",
		"page.code",
		"console.code",
		"console.kind_mobile",
		"console.filter_agent",
		"detail.agent",
		"detail.notes",
		"detail.note",
		"admin.agents",
		"admin.role_agent",
		"admin.look_logo",
	],
	it: ["page.chat", "detail.chat", "admin.look_logo"],
	pt: ["page.chat", "console.kind_pager", "detail.chat"],
	ar: [],
	he: [],
};
