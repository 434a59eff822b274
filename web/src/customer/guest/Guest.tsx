import "../../i18n/en-guest";
import "./guest.css";
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { t } from "../../i18n";
import type { Call } from "../../link/call";
import { Button } from "../../ui/buttons";
import { now } from "../../ui/clock";
import { note } from "../../ui/toasts";
import type { GuestRequest } from "../../session/guest";
import type { Switches } from "../switches";
import { allow, wasInterrupted } from "./fulfil";
import { done, obeyAgent } from "./obey";

interface GuestProps {
	call: Call;
	agent: string;
	switches: Switches;
}

/** What the agent does to this phone's devices and asks for, over everything else. */
export function Guest({ call, agent, switches }: GuestProps) {
	useEffect(() => obeyAgent(call), [call]);
	const { request, since } = call.view.value.guest;
	const asks = request !== null && request.id > since && call.joined.value && !call.ending.value;
	// Screen readers announce a status only if it exists before its text.
	return (
		<div class="guest">
			<p role="status" class="visually-hidden">
				{asks && request.answer === null && t(`guest_ask_${request.wish}`, { agent })}
			</p>
			{asks && <Asked key={request.id} call={call} agent={agent} switches={switches} request={request} />}
			<Done call={call} agent={agent} switches={switches} />
		</div>
	);
}

function Asked({ call, agent, switches, request }: GuestProps & { request: GuestRequest }) {
	const pressed = useSignal(false);
	// The page's clock began with its loading.
	const interrupted = wasInterrupted(request, call.clockOffset.value);
	useEffect(() => {
		if (interrupted) void call.guest({ type: "answer", asked: request.id, answer: "interrupted" });
	}, [interrupted]);
	if (request.answer !== null || interrupted || pressed.value) return null;
	const press = (allowed: boolean): void => {
		pressed.value = true;
		if (allowed) void allow(call, request, switches, agent);
		else void call.guest({ type: "answer", asked: request.id, answer: "not_now" });
	};
	const late = (): void => {
		pressed.value = true;
		void call.guest({ type: "answer", asked: request.id, answer: "no_answer" });
	};
	return <Question call={call} agent={agent} request={request} onPress={press} onLate={late} />;
}

interface QuestionProps {
	call: Call;
	agent: string;
	request: GuestRequest;
	onPress: (allowed: boolean) => void;
	onLate: () => void;
}

/** It must not take the focus or a tap that was on its way: the person draws or writes. */
function Question({ call, agent, request, onPress, onLate }: QuestionProps) {
	const [title, more] = [useId(), useId()];
	const ready = useSignal(false);
	useEffect(() => {
		const waiting = setTimeout(() => (ready.value = true), READY_MS);
		return () => clearTimeout(waiting);
	}, []);
	const late = now.value + call.clockOffset.value - request.since_ms >= ASK_MS;
	useEffect(() => {
		if (late) onLate();
	}, [late]);
	const place = request.wish === "location";
	return (
		<div role="dialog" class="guest-card" aria-labelledby={title} aria-describedby={place ? more : undefined}>
			<h2 id={title}>{t(`guest_ask_${request.wish}`, { agent })}</h2>
			{place && <p id={more}>{t("guest_location_more", { agent })}</p>}
			<div class="guest-answers">
				<Button large disabled={!ready.value} onClick={() => onPress(false)}>
					{t("guest_not_now")}
				</Button>
				<Button large kind="primary" disabled={!ready.value} onClick={() => onPress(true)}>
					{t("guest_allow")}
				</Button>
			</div>
		</div>
	);
}

/** Says what the agent did. What was turned off stays told until it is on again or dismissed. */
function Done({ call, agent, switches }: GuestProps) {
	const what = done.value;
	const { microphone, camera } = call.media.value;
	const over = (what === "microphone" && microphone) || (what === "camera" && camera);
	const off = what === "microphone" || what === "camera";
	useEffect(() => {
		if (what === null || off) return;
		note(t(what === "zoom" ? "guest_zoomed" : "guest_off_torch", { agent }));
		done.value = null;
	}, [what]);
	const shown = off && !over;
	const dismiss = (): void => {
		done.value = null;
	};
	const back = (): void => {
		if (off) void switches.turn(what, true);
	};
	return (
		<div class={shown ? "guest-card" : ""}>
			<p role="status">{shown && t(`guest_off_${what}`, { agent })}</p>
			{shown && (
				<div class="guest-answers">
					<Button onClick={dismiss}>{t("dismiss")}</Button>
					<Button kind="primary" onClick={back}>
						{t(what === "camera" ? "turn_on" : "guest_on_microphone")}
					</Button>
				</div>
			)}
		</div>
	);
}

/** A tap that was meant for what lay there before does not answer. */
const READY_MS = 500;
const ASK_MS = 30_000;
