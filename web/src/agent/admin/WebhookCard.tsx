import { useSignal } from "@preact/signals";
import { Button } from "../../ui/buttons";
import { failureWords } from "../../ui/refusals";
import { note, toast } from "../../ui/toasts";
import type { ApiResult } from "../../link/server/api";
import type { MadeWebhook, WebhookLine } from "../../wire/generated";
import { signedOut } from "../console";
import { date, dateTime } from "../times";
import { AskDialog } from "./AskDialog";
import { Deliveries } from "./Deliveries";
import { h } from "./webhook-words";
import * as api from "./webhooks-api";

interface CardProps {
	of: WebhookLine;
	onChanged: () => void;
	onSecret: (made: MadeWebhook) => void;
}

/** One webhook: where it leads, what can be done with it, and what it was sent. */
export function WebhookCard({ of: webhook, onChanged, onSecret }: CardProps) {
	const { id, name, url, on, gone_at_ms, rotating_until_ms } = webhook;
	const open = useSignal(false);
	const tests = useSignal(0);
	const asking = useSignal<"rotate" | "remove" | null>(null);
	const test = async (): Promise<void> => {
		const sent = await api.testWebhook(id);
		if (!sent.ok) return complain(sent);
		open.value = true;
		tests.value += 1;
	};
	const turn = async (): Promise<void> => {
		const turned = await api.switchWebhook(id, !on);
		if (turned.ok) onChanged();
		else complain(turned);
	};
	return (
		<section class="card stack webhook" aria-label={name}>
			<header class="keys-head">
				<h2 dir="auto">{name}</h2>
				<div class="webhook-deeds">
					<Button description={h("test_named", { name })} onClick={() => void test()}>
						{h("test")}
					</Button>
					<Button description={h("rotate_named", { name })} onClick={() => (asking.value = "rotate")}>
						{h("rotate")}
					</Button>
					<Button description={h(on ? "switch_off_named" : "switch_on_named", { name })} onClick={() => void turn()}>
						{h(on ? "switch_off" : "switch_on")}
					</Button>
					<Button description={h("remove_named", { name })} onClick={() => (asking.value = "remove")}>
						{h("remove")}
					</Button>
				</div>
			</header>
			<p class="webhook-url" dir="ltr" translate={false}>
				{url}
			</p>
			{!on && <p>{gone_at_ms === undefined ? h("is_off") : h("is_gone", { date: dateTime(gone_at_ms) })}</p>}
			{rotating_until_ms !== undefined && <p>{h("rotating", { date: dateTime(rotating_until_ms) })}</p>}
			<p class="hint">{h("made_by", { date: date(webhook.made_at_ms), maker: webhook.maker })}</p>
			<details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
				<summary>{h("history")}</summary>
				{open.value && <Deliveries key={tests.value} of={webhook} />}
			</details>
			{asking.value !== null && (
				<AskDialog
					title={h(`${asking.value}_ask`, { name })}
					more={h(`${asking.value}_more`)}
					yes={h(`${asking.value}_yes`)}
					danger={asking.value === "remove"}
					onClose={() => (asking.value = null)}
					onYes={async () => {
						const deed = asking.peek();
						const done = deed === "remove" ? await api.removeWebhook(id) : await api.rotateWebhook(id);
						if (!done.ok && !(deed === "remove" && done.error.error === "not_found")) return done.error;
						asking.value = null;
						if (deed === "remove") note(h("removed"));
						if (done.ok && done.value !== undefined) onSecret(done.value);
						else onChanged();
						return null;
					}}
				/>
			)}
		</section>
	);
}

function complain(of: ApiResult<unknown>): void {
	if (!of.ok && !signedOut(of.error)) toast(failureWords(of.error));
}
