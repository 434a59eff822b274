import { days } from "../../../i18n";
import type { KeptDays } from "../../../wire/generated";
import { a } from "../words";

const THINGS = ["calls", "pictures", "lines", "audit", "logs", "backups"] as const;

/** How long things are kept here. */
export function Kept({ of }: { of: KeptDays }) {
	return (
		<section class="card chart">
			<h2>{a("kept")}</h2>
			<dl class="kept">
				{THINGS.map((thing) => {
					const kept = of[thing];
					return (
						<div key={thing}>
							<dt>{a(`kept_${thing}`)}</dt>
							<dd>{kept === undefined ? a("kept_by_operator") : days(kept)}</dd>
						</div>
					);
				})}
				<div>
					<dt>{a("kept_figures")}</dt>
					<dd>{a("kept_for_good")}</dd>
				</div>
			</dl>
		</section>
	);
}
