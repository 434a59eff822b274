import { useId } from "preact/hooks";
import { Button } from "../../ui/buttons";
import type { EndReason } from "../../wire/generated";
import { w } from "../words";
import { isFiltered, NOTHING, type Query } from "./query";

interface FiltersProps {
	query: Query;
	agents: ReadonlyMap<string, string>;
	isAdmin: boolean;
	onChange: (changed: Partial<Query>) => void;
}

export const REASONS: readonly EndReason[] = [
	"agent_ended",
	"customer_ended",
	"invite_cancelled",
	"invite_expired",
	"nobody_heard",
	"too_long",
];

/** What narrows the list beside the search. */
export function Filters({ query, agents, isAdmin, onChange }: FiltersProps) {
	const named = [...agents].sort(([, a], [, b]) => a.localeCompare(b));
	const id = useId();
	return (
		<fieldset class="filters">
			<legend>{w("filters")}</legend>
			<div class="field">
				<label for={`${id}-day`}>{w("filter_day")}</label>
				<input
					id={`${id}-day`}
					type="date"
					min="1970-01-01"
					max="9999-12-31"
					value={query.day}
					onChange={(event) => onChange({ day: event.currentTarget.value })}
				/>
			</div>
			<Select label={w("filter_reason")} value={query.reason} onChange={(reason) => onChange({ reason })}>
				{REASONS.map((reason): [string, string] => [reason, w(`ended_${reason}`)])}
			</Select>
			<Select label={w("filter_rating")} value={query.rating} onChange={(rating) => onChange({ rating })}>
				{[5, 4, 3, 2, 1].map((stars): [string, string] => [`${stars}`, w("stars", { n: stars })])}
			</Select>
			{isAdmin && (
				<Select
					label={w("filter_agent")}
					value={query.agent}
					none={w("filter_own")}
					onChange={(agent) => onChange({ agent })}
				>
					{[["all", w("filter_all")], ...named]}
				</Select>
			)}
			<Check
				label={w("filter_pictures")}
				on={query.pictures !== ""}
				onChange={(on) => onChange({ pictures: on ? "1" : "" })}
			/>
			<Check label={w("filter_goes")} on={query.goes !== ""} onChange={(on) => onChange({ goes: on ? "7" : "" })} />
			{isFiltered(query) && (
				<Button kind="plain" onClick={() => onChange({ ...NOTHING, search: query.search })}>
					{w("filters_clear")}
				</Button>
			)}
		</fieldset>
	);
}

interface SelectProps {
	label: string;
	value: string;
	none?: string;
	children: readonly (readonly [string, string])[];
	onChange: (value: string) => void;
}

function Select({ label, value, none = w("filter_any"), children, onChange }: SelectProps) {
	const id = useId();
	const isKnown = value === "" || children.some(([known]) => known === value);
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
				<option value="">{none}</option>
				{children.map(([of, name]) => (
					<option key={of} value={of}>
						{name}
					</option>
				))}
				{!isKnown && <option value={value}>{w("filter_other")}</option>}
			</select>
		</div>
	);
}

function Check({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
	return (
		<label class="check">
			<input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
			<span>{label}</span>
		</label>
	);
}
