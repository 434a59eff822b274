import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import type { ApiFailure } from "../../ui/refusals";
import { type MadeWebhook, WEBHOOKS_MAX, type WebhookLine } from "../../wire/generated";
import { signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { Turns } from "../turns";
import { AddDialog, WebhookSecretDialog } from "./AddWebhook";
import { WebhookCard } from "./WebhookCard";
import { h } from "./webhook-words";
import * as api from "./webhooks-api";
import { a } from "./words";

/** Where other programs hear how calls go. */
export function Webhooks() {
	const found = useSignal<readonly WebhookLine[] | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const adding = useSignal(false);
	const made = useSignal<MadeWebhook | null>(null);
	const turns = useMemo(() => new Turns(), []);
	const load = async (): Promise<void> => {
		const isNewest = turns.begin();
		failed.value = null;
		const answer = await api.webhooks();
		if (!isNewest()) return;
		if (answer.ok) found.value = answer.value.webhooks;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	useEffect(() => void load(), []);
	const all = found.value;
	const isFull = (all?.length ?? 0) >= WEBHOOKS_MAX;
	const shows = (secret: MadeWebhook): void => {
		adding.value = false;
		made.value = secret;
		void load();
	};
	return (
		<>
			<header class="keys-head">
				<h1>{a("webhooks")}</h1>
				{all !== null && !isFull && (
					<Button kind="primary" onClick={() => (adding.value = true)}>
						{h("add")}
					</Button>
				)}
			</header>
			<p class="keys-more">
				{h("more")} <a href="/api/v1/docs#webhooks">{h("docs")}</a>
			</p>
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{all === null && failed.value === null && <Loading />}
			{all?.length === 0 && <p class="card">{h("empty")}</p>}
			{all?.map((webhook) => (
				<WebhookCard key={webhook.id} of={webhook} onChanged={() => void load()} onSecret={shows} />
			))}
			{isFull && <p class="hint">{h("full", { n: WEBHOOKS_MAX })}</p>}
			{adding.value && <AddDialog onClose={() => (adding.value = false)} onMade={shows} />}
			{made.value !== null && <WebhookSecretDialog made={made.value} onClose={() => (made.value = null)} />}
		</>
	);
}
