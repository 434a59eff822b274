import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import { failureWords } from "../../ui/refusals";
import { toast } from "../../ui/toasts";
import type { DeliveryLine, WebhookLine } from "../../wire/generated";
import { signedOut } from "../console";
import { dateTime, iso } from "../times";
import { h, outcomeWords } from "./webhook-words";
import * as api from "./webhooks-api";

/** What was sent to a webhook in the last seven days. Looks again by itself while it is open. */
export function Deliveries({ of: { id, name } }: { of: WebhookLine }) {
	const shown = useSignal<readonly DeliveryLine[] | null>(null);
	const after = useSignal<string | undefined>(undefined);
	const isLonger = useSignal(false);
	const busy = useSignal(false);
	const load = async (from?: string): Promise<void> => {
		const answer = await api.deliveries(id, from);
		if (!answer.ok) return void signedOut(answer.error);
		// Who has asked for more reads that.
		if (from === undefined && isLonger.peek()) return;
		const before = from === undefined ? [] : (shown.peek() ?? []);
		shown.value = [...before, ...answer.value.deliveries];
		after.value = answer.value.after;
	};
	const more = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		isLonger.value = true;
		await load(after.peek());
		busy.value = false;
	};
	const again = async (line: DeliveryLine): Promise<void> => {
		const answer = await api.deliverAgain(id, line.id);
		if (answer.ok) shown.value = (shown.peek() ?? []).map((one) => (one.id === line.id ? answer.value : one));
		else if (answer.error.error === "refused") toast(h("again_busy"));
		else if (!signedOut(answer.error)) toast(failureWords(answer.error));
	};
	useEffect(() => {
		void load();
		const timer = setInterval(() => void (isLonger.peek() || load()), LOOK_EVERY_MS);
		return () => clearInterval(timer);
	}, []);
	const lines = shown.value;
	if (lines === null) return <Loading />;
	if (lines.length === 0) return <p class="hint">{h("history_empty")}</p>;
	return (
		<>
			<table class="keys" aria-label={h("history_named", { name })}>
				<thead>
					<tr>
						{COLUMNS.map((column) => (
							<th key={column} scope="col">
								{h(column)}
							</th>
						))}
						<td />
					</tr>
				</thead>
				<tbody>
					{lines.map((line) => (
						<Line key={line.id} of={line} onAgain={() => void again(line)} />
					))}
				</tbody>
			</table>
			{after.value !== undefined && (
				<Button busy={busy.value} onClick={() => void more()}>
					{h("history_more")}
				</Button>
			)}
		</>
	);
}

function Line({ of: line, onAgain }: { of: DeliveryLine; onAgain: () => void }) {
	const what = h(line.kind);
	const when = dateTime(line.at_ms);
	return (
		<tr>
			<th scope="row">{what}</th>
			<td data-column={h("column_when")}>
				<time dateTime={iso(line.at_ms)}>{when}</time>
			</td>
			<td data-column={h("column_outcome")}>{outcome(line)}</td>
			<td>
				{line.phase === "dead" && (
					<Button description={h("again_named", { what, date: when })} onClick={onAgain}>
						{h("again")}
					</Button>
				)}
			</td>
		</tr>
	);
}

function outcome(line: DeliveryLine): string {
	const parts = [h(line.phase)];
	if (line.outcome !== undefined) parts.push(outcomeWords(line.outcome));
	if (line.attempts > 1) parts.push(h("tries", { n: line.attempts }));
	if (line.phase === "waiting" && line.attempts > 0) parts.push(h("waiting_until", { date: dateTime(line.due_at_ms) }));
	return parts.join(" · ");
}

const COLUMNS = ["column_what", "column_when", "column_outcome"] as const;
const LOOK_EVERY_MS = 2_000;
