import type { ApiKeyLine } from "../../wire/generated";
import { Button } from "../../ui/buttons";
import { date, dateTime, iso, listed } from "../times";
import { a } from "./words";

interface KeyTableProps {
	keys: readonly ApiKeyLine[];
	onRevoke: (key: ApiKeyLine) => void;
}

/** A line for each key. On a narrow screen it is a card, whose cells carry their column's name. */
export function KeyTable({ keys, onRevoke }: KeyTableProps) {
	const columns = ["name", "scopes", "made", "used", "ends"] as const;
	return (
		<div class="card keys-frame">
			<table class="keys">
				<thead>
					<tr>
						{columns.map((column) => (
							<th key={column} scope="col">
								{a(`column_${column}`)}
							</th>
						))}
						<td />
					</tr>
				</thead>
				<tbody>
					{keys.map((key) => (
						<Line key={key.id} of={key} onRevoke={() => onRevoke(key)} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Line({ of: key, onRevoke }: { of: ApiKeyLine; onRevoke: () => void }) {
	const { name, maker, scopes, made_at_ms, used_at_ms, expires_at_ms } = key;
	return (
		<tr>
			<th scope="row" dir="auto">
				{name}
			</th>
			<td data-column={a("column_scopes")}>{listed(scopes.map((scope) => a(`short_${scope}`)))}</td>
			<td data-column={a("column_made")}>
				{maker === undefined
					? a("made_by_operator", { date: date(made_at_ms) })
					: a("made_by", { date: date(made_at_ms), maker })}
			</td>
			<td data-column={a("column_used")}>
				{used_at_ms === undefined ? a("used_never") : <time dateTime={iso(used_at_ms)}>{dateTime(used_at_ms)}</time>}
			</td>
			<td data-column={a("column_ends")}>{expires_at_ms === undefined ? a("ends_never") : date(expires_at_ms)}</td>
			<td>
				<Button description={a("key_revoke_named", { name })} onClick={onRevoke}>
					{a("key_revoke")}
				</Button>
			</td>
		</tr>
	);
}
