import { type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { reportedLanguages } from "../i18n/reported";
import { composed } from "../link/server/text";
import { Button } from "../ui/buttons";
import { browser } from "../ui/remember";
import { type ApiFailure, failureWords } from "../ui/refusals";
import { hasKeyboard } from "../ui/enter";
import { focusLater } from "../ui/rendering";
import { note, toast } from "../ui/toasts";
import { type NumberReading, REFERENCE_MAX, REFERENCE_MIN, type StartCall as Invitation } from "../wire/generated";
import * as api from "./calls-api";
import { begun, call, devices, go, me, prefill, route, signedOut, signIn } from "./console";
import { countries, regionOf, rememberRegion, usualRegion } from "./countries";
import { Field } from "./Field";
import { NumberField } from "./NumberField";
import { RecentNumbers } from "./RecentNumbers";
import { digitsIn, numberPreview } from "./number-preview";
import { doubtWords, faultWords } from "./number-words";
import { readLine } from "./pasted";
import { newRequest } from "./request";
import { languageName } from "./times";
import { useThere } from "./there";
import { UnlikelyNumber } from "./UnlikelyNumber";
import { w } from "./words";

interface Errors {
	number?: string;
	reference?: string;
	language?: string;
}

/** The form of a new call: whom to invite, under which reference, in which language. */
export function StartCall() {
	const form = useForm();
	const element = useRef<HTMLFormElement>(null);
	const { number, region, reference, language, errors, unlikely } = form;
	const send = async (confirmed?: string): Promise<void> => {
		const pressed = document.activeElement;
		await form.send(confirmed);
		const wrong = (): HTMLElement | null | undefined => element.current?.querySelector('[aria-invalid="true"]');
		// The dialog that confirmed it is gone, and with it what was pressed.
		focusLater(wrong, confirmed === undefined ? pressed : undefined);
	};
	// The pressed button that led here is gone, so the next key goes on. A phone's keyboard would
	// cover the form.
	useEffect(() => {
		if (document.activeElement !== document.body || !hasKeyboard()) return;
		element.current?.querySelector("input")?.focus({ preventScroll: true });
	}, []);
	return (
		<div class="page">
			<div class="card start">
				<h1>{w("start")}</h1>
				<p class="hint">{w("start_more")}</p>
				<form
					ref={element}
					noValidate
					onSubmit={(event) => {
						event.preventDefault();
						if (!form.busy.peek()) void send();
					}}
					onPaste={(event) => {
						const line = readLine(event.clipboardData?.getData("text/plain") ?? "");
						if (line === null) return;
						event.preventDefault();
						form.type(line.number);
						reference.value = line.reference;
					}}
				>
					<div class="number">
						<CountryField region={region} />
						<NumberField
							number={number.value}
							region={region.value}
							error={errors.value.number}
							preview={form.preview}
							onType={form.type}
						/>
					</div>
					<RecentNumbers onPick={form.type} />
					<ReferenceField reference={reference} error={errors.value.reference} />
					<LanguageField language={language} error={errors.value.language} />
					<Button kind="primary" large submit busy={form.busy.value}>
						{w("send")}
					</Button>
				</form>
				{unlikely.value !== null && (
					<UnlikelyNumber
						reading={unlikely.value}
						onSend={(confirmed) => {
							unlikely.value = null;
							void send(confirmed);
						}}
						onClose={() => (unlikely.value = null)}
					/>
				)}
			</div>
		</div>
	);
}

/** The state of the form, and what sends it. */
function useForm() {
	const number = useSignal(prefill.peek()?.number ?? "");
	const region = useSignal(prefill.peek()?.region ?? regionOf(number.peek(), usualRegion()));
	const reference = useSignal(prefill.peek()?.reference ?? "");
	const language = useSignal(prefill.peek()?.language ?? usualLanguage());
	const errors = useSignal<Errors>({});
	const busy = useSignal(false);
	/** How a number was read that was refused as unlikely. */
	const unlikely = useSignal<NumberReading | null>(null);
	const preview = usePreview(number, region);
	// One request per filled-in form: a second click asks for the same call.
	const request = useRef({ of: "", id: "" });
	const there = useThere();
	const keep = (): void => {
		prefill.value = {
			number: number.peek(),
			reference: reference.peek(),
			region: region.peek(),
			language: language.peek(),
		};
	};
	useEffect(() => {
		prefill.value = null;
		return () => {
			// After an expired sign-in the form is as it was.
			if (signIn.peek() !== "in") keep();
		};
	}, []);

	const type = (value: string): void => {
		number.value = value;
		region.value = regionOf(value, region.peek());
	};
	/** `confirmed`: the number, in E.164 form, that the agent chose after a question. */
	const send = async (confirmed?: string): Promise<void> => {
		errors.value = check(number.value, composed(reference.value).trim());
		if (Object.keys(errors.peek()).length > 0) return;
		busy.value = true;
		const body = {
			number: confirmed ?? number.value.trim(),
			region: region.value,
			reference: composed(reference.value).trim(),
			language: language.value,
			...(confirmed === undefined ? {} : { confirm: true }),
		};
		const of = JSON.stringify(body);
		if (request.current.of !== of) request.current = { of, id: newRequest() };
		const error = await start({ request: request.current.id, ...body }, () => there.current);
		busy.value = false;
		if (error !== null && !there.current) {
			if (route.peek().at !== "start") keep();
			sayLate(error, region.peek());
		} else if (error?.error === "number_unlikely") unlikely.value = error.reading;
		else if (error !== null) errors.value = wordsFor(error, region.value);
	};
	return { number, region, reference, language, errors, busy, unlikely, preview, type, send };
}

/** How the server reads the form's number. */
function usePreview(number: Signal<string>, region: Signal<string>) {
	const asked = useRef(numberPreview(api.readNumber)).current;
	useSignalEffect(() => asked.typed({ number: number.value.trim(), region: region.value }));
	useEffect(() => asked.stop, []);
	return asked.preview;
}

/**
 * Starts the call and opens it, or offers to open it where the form is no longer `shown`. Returns
 * null then, and when the sign-in page is shown.
 */
async function start(body: Invitation, shown: () => boolean): Promise<ApiFailure | null> {
	// This click is the one that may ask for the agent's own microphone.
	const had = devices.microphone.peek() !== null;
	if (!had) void devices.startMicrophone();
	const answer = await api.startCall(body);
	if (answer.ok) {
		rememberRegion(body.region);
		browser.remember("language", body.language);
		begun.value = answer.value.session;
		const open = (): void => go(`call=${answer.value.session}`);
		if (shown()) open();
		else note(w("step_sent"), { name: w("open_call"), take: open });
	}
	if (!had && call.peek() === null && !(answer.ok && shown())) devices.stopMicrophone();
	return answer.ok || signedOut(answer.error) ? null : answer.error;
}

/** Says to an agent who has left the form why nothing was sent. */
function sayLate(error: ApiFailure, region: string): void {
	if (error.error !== "number_unlikely") {
		toast(refusedWords(error, region));
		return;
	}
	const title = w(error.reading.other === undefined ? "unlikely_title" : "unlikely_which");
	note(`${title} ${doubtWords(error.reading)}`, { name: w("unlikely_change"), take: () => go("") });
}

/** Why nothing was sent. */
function refusedWords(error: ApiFailure, region: string): string {
	if (error.error === "bad_number") return faultWords(error.why, region);
	if (error.error === "unknown_language") return w("language_bad");
	return error.error === "too_often" ? w("calls_limit") : failureWords(error);
}

/** The text for the field that the server refused. Shows other errors as a toast. */
function wordsFor(error: ApiFailure, region: string): Errors {
	if (error.error === "bad_number") return { number: refusedWords(error, region) };
	if (error.error === "unknown_language") return { language: refusedWords(error, region) };
	toast(refusedWords(error, region));
	return {};
}

function CountryField({ region }: { region: Signal<string> }) {
	return (
		<Field label={w("country")}>
			{(field) => (
				<select {...field} value={region.value} onChange={(event) => (region.value = event.currentTarget.value)}>
					{countries().map((country) => (
						<option key={country.region} value={country.region}>
							{w("country_dial", { country: country.name, dial: `+${country.dial}` })}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

function ReferenceField({ reference, error }: { reference: Signal<string>; error: string | undefined }) {
	return (
		<Field label={w("reference")} hint={w("reference_hint")} error={error}>
			{(field) => (
				<input
					{...field}
					type="text"
					autoComplete="off"
					autoCapitalize="characters"
					required
					maxLength={REFERENCE_MAX}
					value={reference.value}
					onInput={(event) => (reference.value = event.currentTarget.value)}
				/>
			)}
		</Field>
	);
}

function LanguageField({ language, error }: { language: Signal<string>; error: string | undefined }) {
	return (
		<Field label={w("language")} error={error}>
			{(field) => (
				<select {...field} value={language.value} onChange={(event) => (language.value = event.currentTarget.value)}>
					{me.value?.languages.map((tag) => (
						<option key={tag} value={tag}>
							{languageName(tag)}
						</option>
					))}
				</select>
			)}
		</Field>
	);
}

function check(number: string, reference: string): Errors {
	const found: Errors = {};
	if (digitsIn(number) === 0) found.number = w("number_missing");
	if (reference.length < REFERENCE_MIN) found.reference = w("reference_short", { n: reference.length });
	if (reference.length > REFERENCE_MAX) found.reference = w("reference_long");
	return found;
}

function usualLanguage(): string {
	const offered = me.peek()?.languages ?? [];
	const wanted = [browser.recall("language"), ...reportedLanguages()].filter((tag) => tag !== null);
	for (const tag of wanted) {
		const base = tag.split("-")[0];
		const found = offered.find((one) => one === tag) ?? offered.find((one) => one.split("-")[0] === base);
		if (found !== undefined) return found;
	}
	return offered[0] ?? "en";
}
