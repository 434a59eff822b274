import { Button } from "../../ui/buttons";
import type { Call } from "../../wire/generated";
import { inviteAgain } from "../console";
import { masked } from "../countries";
import { date, dateTime, iso } from "../times";
import { w } from "../words";

interface RowProps {
	call: Call;
	withAgent: boolean;
	onOpen: () => void;
}

/** A call: one link to it, whose name begins with its reference. */
export function Row({ call, withAgent, onOpen }: RowProps) {
	const who = [
		call.customer,
		call.number === "" ? undefined : masked(call.number),
		call.opted_out ? w("call_opted_out") : undefined,
		withAgent && call.agent_name !== undefined ? w("call_agent", { agent: call.agent_name }) : undefined,
	];
	return (
		<li class="card">
			<a class="call-link" href={`#call=${call.session}`} onClick={onOpen}>
				<strong>
					<bdi>{call.reference}</bdi>
				</strong>
				<time dateTime={iso(call.at_ms)}>{dateTime(call.at_ms)}</time>
				<span class={`phase phase-${call.phase}`}>
					{call.reason === undefined ? w(`phase_${call.phase}`) : w(`ended_${call.reason}`)}
				</span>
				<Parts of={who} />
				<Parts of={facts(call)} />
			</a>
			{call.phase === "ended" && (
				<Button description={call.reference} onClick={() => inviteAgain(call)}>
					{w("invite_again")}
				</Button>
			)}
		</li>
	);
}

function Parts({ of }: { of: readonly (string | undefined)[] }) {
	return <span class="parts">{of.map((part) => part !== undefined && <bdi key={part}>{part}</bdi>)}</span>;
}

function facts(call: Call): readonly (string | undefined)[] {
	return [
		call.pictures === undefined || call.pictures === 0 ? undefined : w("call_pictures", { n: call.pictures }),
		call.customer_stars === undefined ? undefined : w("call_stars_customer", { n: call.customer_stars }),
		call.agent_stars === undefined ? undefined : w("call_stars_agent", { n: call.agent_stars }),
		goes(call),
	];
}

/** When the next of a call goes. Its records may have gone already. */
function goes({ goes_ms, line_goes_ms }: Call): string | undefined {
	if (line_goes_ms === undefined) return undefined;
	if (goes_ms === undefined) return w("call_line_goes", { date: date(line_goes_ms) });
	return w("call_goes", { date: date(Math.min(goes_ms, line_goes_ms)) });
}
