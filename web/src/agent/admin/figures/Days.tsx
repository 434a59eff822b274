import type { Figures } from "../../../wire/generated";
import { utcDay } from "../../times";
import { a } from "../words";
import { Chart } from "./Chart";
import { daysOf } from "./period";

const STEPS = ["invited", "opened", "allowed", "joined"] as const;

/** A column for each day: all calls, and in front of them those that were joined. */
export function Days({ of: { from, to, days } }: { of: Figures }) {
	const found = new Map(days.map(({ day, funnel }) => [day, funnel]));
	const most = Math.max(1, ...days.map(({ funnel }) => funnel.invited));
	const share = (calls: number | undefined): { "--share": string } => ({ "--share": String((calls ?? 0) / most) });
	return (
		<Chart
			title={a("chart_days")}
			more={a("chart_days_more")}
			heads={[a("column_day"), ...STEPS.map((step) => a(`funnel_${step}`))]}
			lines={days.map(({ day, funnel }) => [utcDay(day), ...STEPS.map((step) => funnel[step])])}
		>
			<div class="columns" role="img" aria-label={a("chart_days")}>
				{daysOf({ from, to }).map((day) => (
					<span key={day} class="column">
						<i style={share(found.get(day)?.invited)} />
						<i style={share(found.get(day)?.joined)} />
					</span>
				))}
			</div>
			<p class="columns-ends" aria-hidden="true">
				<span>{utcDay(from)}</span>
				<span>{a("chart_most", { n: most })}</span>
				<span>{utcDay(to)}</span>
			</p>
		</Chart>
	);
}
