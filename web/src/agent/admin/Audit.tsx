import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { days } from "../../i18n";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import type { ApiFailure } from "../../ui/refusals";
import type { AuditDeed, AuditLine } from "../../wire/generated";
import { signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { dateTime, iso } from "../times";
import { auditLines } from "./audit-api";
import { a } from "./words";

/** Who did what, newest first. */
export function Audit() {
	const lines = useSignal<readonly AuditLine[] | null>(null);
	const after = useSignal<string | undefined>(undefined);
	const kept = useSignal<number | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const busy = useSignal(false);
	const load = async (): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		failed.value = null;
		const answer = await auditLines(after.peek());
		busy.value = false;
		if (answer.ok) {
			lines.value = [...(lines.peek() ?? []), ...answer.value.lines];
			after.value = answer.value.after;
			kept.value = answer.value.kept_days;
		} else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	useEffect(() => void load(), []);
	return (
		<>
			<h1>{a("audit")}</h1>
			<p class="keys-more">
				{kept.value === null ? a("audit_more") : a("audit_more_days", { days: days(kept.value) })}
			</p>
			{lines.value !== null && <Table lines={lines.value} />}
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{lines.value === null && failed.value === null && <Loading />}
			{after.value !== undefined && failed.value === null && (
				<div class="actions">
					<Button busy={busy.value} onClick={() => void load()}>
						{a("audit_older")}
					</Button>
				</div>
			)}
		</>
	);
}

function Table({ lines }: { lines: readonly AuditLine[] }) {
	return (
		<div class="card keys-frame">
			<table class="keys">
				<thead>
					<tr>
						{(["when", "who", "deed", "call"] as const).map((column) => (
							<th key={column} scope="col">
								{a(`column_${column}`)}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{lines.map((line, at) => (
						<Line key={at} of={line} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Line({ of: { at_ms, name, deed, call, about } }: { of: AuditLine }) {
	return (
		<tr>
			<th scope="row">
				<time dateTime={iso(at_ms)}>{dateTime(at_ms)}</time>
			</th>
			<td data-column={a("column_who")} dir="auto">
				{name ?? a("audit_operator")}
			</td>
			<td data-column={a("column_deed")}>{deedWords(deed, about)}</td>
			<td data-column={call === undefined ? undefined : a("column_call")}>
				{call !== undefined && (deed === "call_erased" ? <span class="id">{call}</span> : <CallLink call={call} />)}
			</td>
		</tr>
	);
}

function CallLink({ call }: { call: string }) {
	return (
		<a class="id" href={`#detail=${encodeURIComponent(call)}`}>
			{call}
		</a>
	);
}

function deedWords(deed: AuditDeed, about: string | undefined): string {
	return about === undefined ? a(`deed_${deed}`) : a("deed_about", { deed: a(`deed_${deed}`), about });
}
