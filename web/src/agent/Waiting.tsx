import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Call } from "../link/call";
import { minutes, now } from "../ui/clock";
import { ClockIcon } from "../ui/call-icons";
import { CheckIcon, WarningIcon } from "../ui/icons";
import { ConnectionBanner, useNotices } from "../ui/state";
import { CodeHint, CustomerCode, useCode } from "./CustomerCode";
import { CustomerMoved } from "./CustomerMoved";
import { CustomerNumber } from "./CustomerNumber";
import { LinkShared } from "./LinkShared";
import { OwnMicrophone } from "./OwnMicrophone";
import { currentStep, smsWords, STEPS, trouble } from "./progress";
import { hourMinute } from "./times";
import { WaitingActions } from "./WaitingActions";
import { w } from "./words";

/** After the invitation: how far the customer is, and what else the agent can do. */
export function Waiting({ call }: { call: Call }) {
	const view = call.view.value;
	const code = useCode(call.session);
	useNotices(call, view.seats.customer.name ?? w("customer"));
	return (
		<div class="page">
			<div class="card waiting">
				<div>
					<h1>{w("waiting")}</h1>
					<p class="hint">{w("waiting_more")}</p>
				</div>
				<dl class="facts">
					<CustomerNumber number={view.number ?? ""} />
					<div>
						<dt>{w("reference")}</dt>
						<dd>
							<bdi>{view.reference}</bdi>
						</dd>
					</div>
					{code !== null && <CustomerCode shown={code} />}
					<Expiry call={call} />
				</dl>
				{code !== null && <CodeHint shown={code} />}
				{call.connection.value.state === "reconnecting" && <ConnectionBanner call={call} name={w("customer")} />}
				<CustomerMoved call={call} />
				<LinkShared call={call} />
				<Progress call={call} />
				<Trouble call={call} />
				<OwnMicrophone call={call} />
				<WaitingActions call={call} />
			</div>
		</div>
	);
}

function Progress({ call }: { call: Call }) {
	const view = call.view.value;
	const current = currentStep(view);
	// A customer may reach the lobby before the browser asks for the camera: that step stays open.
	const asked = useSignal(false);
	useEffect(() => {
		if (current === 2 || current === 4) asked.value = true;
	}, [current]);
	const sms = smsWords(view, now.value + call.clockOffset.value);
	return (
		<ol class="progress" aria-label={w("progress")}>
			{STEPS.map((step, index) => {
				const done = index < current && (step !== "step_asking" || asked.value);
				const look = index === current ? "current" : "";
				return (
					<li key={step} class={done ? "done" : look} aria-current={index === current ? "step" : undefined}>
						<i aria-hidden="true">{done ? <CheckIcon /> : null}</i>
						<span>
							{w(step)}
							{step === "step_sent" && sms !== null && (
								<small class={sms.failed ? "failed" : ""}>
									{w(sms.key, { time: hourMinute(sms.at_ms), midnight: hourMinute(nextDay(sms.at_ms)) })}
								</small>
							)}
						</span>
					</li>
				);
			})}
		</ol>
	);
}

/** Messages are counted by UTC day; this is when the next day begins. */
const nextDay = (at_ms: number): number => (Math.floor(at_ms / DAY_MS) + 1) * DAY_MS;

/** What holds the customer up; announced when it changes. */
function Trouble({ call }: { call: Call }) {
	const view = call.view.value;
	const customer = trouble(view);
	const sms = smsWords(view, now.value + call.clockOffset.value);
	const other = sms?.failed && view.link_opened_at_ms === null ? "other_way" : null;
	const key = customer ?? other;
	return (
		<div role="status">
			{key !== null && (
				<p class="hint warn">
					<WarningIcon />
					<span>{w(key)}</span>
				</p>
			)}
		</div>
	);
}

function Expiry({ call }: { call: Call }) {
	const at = call.view.value.invite_expires_at_ms;
	if (at === null) return null;
	const left = at - now.value - call.clockOffset.value;
	return (
		<div class="expiry">
			<dt>
				<ClockIcon />
			</dt>
			<dd>{left < 60_000 ? w("expired_soon") : w("expires", { time: minutes(left) })}</dd>
		</div>
	);
}

const DAY_MS = 24 * 60 * 60_000;
