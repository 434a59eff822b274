// What the page of webhooks says.

import { fill } from "../../i18n";
import { spoken } from "../spoken";
import type { DeliveryOutcome } from "../../wire/generated";

export const words = {
	more: "Another program hears how calls go: when an invite was opened, a call was joined or has ended, a picture was kept. A message has ids and times, and nothing of people.",
	docs: "What the messages say",
	empty: "There is no webhook yet.",
	full: "There are {n} webhooks, which is all there may be. Remove one to add another.",
	add: "Add a webhook",
	name: "Name",
	name_hint: "Whom it tells.",
	name_missing: "Please give the webhook a name.",
	url: "Address",
	url_hint: "Where its messages go, such as https://claims.example.com/sightline.",
	url_wrong: "Please enter an address that begins with https://.",
	secret_of: "The secret of {name}",
	secret_once:
		"This is the only time that the secret is shown. Your program checks with it that a message comes from here.",
	secret_copy: "Copy secret",
	secret_copied: "The secret was copied.",
	copy_by_hand: "The browser does not allow copying here. Please select the secret.",
	made_by: "Added {date} by {maker}",
	is_off: "Off: it hears nothing",
	is_gone: "Off since {date}: its receiver answered that it is gone for good (410).",
	rotating: "Messages are signed with the earlier secret, too, until {date}.",
	test: "Send test",
	test_named: "Send a test to {name}",
	history: "Deliveries",
	history_named: "Deliveries to {name}",
	history_empty: "Nothing was sent in the last seven days.",
	history_more: "Show more",
	rotate: "New secret",
	rotate_named: "New secret for {name}",
	rotate_ask: "Make a new secret for {name}?",
	rotate_more: "For a day messages are signed with both, so that your program can change over.",
	rotate_yes: "Make it",
	switch_off: "Switch off",
	switch_off_named: "Switch off {name}",
	switch_on: "Switch on",
	switch_on_named: "Switch on {name}",
	remove: "Remove",
	remove_named: "Remove {name}",
	remove_ask: "Remove the webhook {name}?",
	remove_more: "It hears nothing more, and its deliveries are forgotten. This cannot be taken back.",
	remove_yes: "Remove it",
	removed: "The webhook was removed.",
	column_what: "What happened",
	column_when: "When",
	column_outcome: "Outcome",
	"invite.opened": "Invite opened",
	"call.joined": "Customer joined",
	"call.ended": "Call ended",
	"picture.kept": "Picture kept",
	"call.rated": "Call rated",
	"case.erased": "Call erased",
	"webhook.test": "Test",
	waiting: "Waiting",
	waiting_until: "Next try {date}",
	delivered: "Delivered",
	dead: "Given up",
	tries: "{n} tries",
	again: "Send again",
	again_named: "Send again: {what}, {date}",
	again_busy: "It is on its way already.",
	answered: "answered {status}",
	late: "did not answer within 10 seconds",
	not_found: "its name leads nowhere",
	forbidden: "its name leads into a private network",
	not_reached: "cannot be reached",
	not_trusted: "its certificate is not trusted",
	switched_off: "was switched off",
};

export type HookKey = keyof typeof words;

export function h(key: HookKey, values?: Readonly<Record<string, string | number>>): string {
	return fill((spoken()?.webhooks ?? words)[key], values);
}

/** What became of the last try. */
export function outcomeWords(outcome: DeliveryOutcome): string {
	return outcome.outcome === "answered" ? h("answered", { status: outcome.status }) : h(outcome.outcome);
}
