import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "../link/server/api";
import { Button } from "../ui/buttons";
import { browser } from "../ui/remember";
import { failureWords } from "../ui/refusals";
import { toast } from "../ui/toasts";
import { NUMBER_MAX, REFERENCE_MAX, REFERENCE_MIN } from "../wire/generated";
import { devices, go, me, prefill, signedOut, signIn } from "./console";
import { countries, regionOf, rememberRegion, usualRegion } from "./countries";
import { Field } from "./Field";
import { RecentNumbers } from "./RecentNumbers";
import { newRequest } from "./request";
import { w } from "./words";

interface Errors {
	number?: string;
	reference?: string;
	language?: string;
}

/** Whom to invite, under which reference, in which language. */
export function StartCall() {
	const number = useSignal(prefill.peek()?.number ?? "");
	const region = useSignal(prefill.peek()?.region ?? regionOf(number.peek(), usualRegion()));
	const reference = useSignal(prefill.peek()?.reference ?? "");
	const language = useSignal(prefill.peek()?.language ?? usualLanguage());
	const errors = useSignal<Errors>({});
	const busy = useSignal(false);
	// One request per filled-in form: a second click asks for the same call.
	const request = useRef({ of: "", id: "" });
	const form = useRef<HTMLFormElement>(null);
	useEffect(() => {
		prefill.value = null;
		return () => {
			// Signed out: after signing in again the form is as it was.
			if (signIn.peek() === "in") return;
			prefill.value = {
				number: number.peek(),
				reference: reference.peek(),
				region: region.peek(),
				language: language.peek(),
			};
		};
	}, []);

	const type = (value: string): void => {
		number.value = value;
		region.value = regionOf(value, region.peek());
	};
	const fail = (found: Errors): void => {
		errors.value = found;
		requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
	};
	const send = async (): Promise<void> => {
		const found = check(number.value, reference.value.trim());
		if (Object.keys(found).length > 0) return fail(found);
		errors.value = {};
		busy.value = true;
		// This click is the one that may ask for the agent's own microphone.
		const had = devices.microphone.peek() !== null;
		if (!had) void devices.startMicrophone();
		const body = {
			number: number.value.trim(),
			region: region.value,
			reference: reference.value.trim(),
			language: language.value,
		};
		const of = JSON.stringify(body);
		if (request.current.of !== of) request.current = { of, id: newRequest() };
		const answer = await api.startCall({ request: request.current.id, ...body });
		busy.value = false;
		if (answer.ok) {
			rememberRegion(region.value);
			browser.remember("language", language.value);
			return go(`call=${answer.value.session}`);
		}
		if (!had) devices.stopMicrophone();
		if (signedOut(answer.error)) return;
		if (answer.error.error === "bad_number")
			return fail({ number: w("number_bad", { country: countryName(region.value) }) });
		if (answer.error.error === "unknown_language") return fail({ language: w("language_bad") });
		toast(failureWords(answer.error));
	};
	return (
		<div class="page">
			<div class="card start">
				<h1>{w("start")}</h1>
				<p class="hint">{w("start_more")}</p>
				<form
					ref={form}
					noValidate
					onSubmit={(event) => {
						event.preventDefault();
						if (!busy.peek()) void send();
					}}
				>
					<div class="number">
						<Field label={w("country")}>
							{(field) => (
								<select
									{...field}
									value={region.value}
									onChange={(event) => (region.value = event.currentTarget.value)}
								>
									{countries.map((country) => (
										<option key={country.region} value={country.region}>
											{country.name} (+{country.dial})
										</option>
									))}
								</select>
							)}
						</Field>
						<Field label={w("number")} hint={w("number_hint")} error={errors.value.number}>
							{(field) => (
								<input
									{...field}
									type="tel"
									autoComplete="off"
									maxLength={NUMBER_MAX}
									dir="ltr"
									value={number.value}
									onInput={(event) => type(event.currentTarget.value)}
								/>
							)}
						</Field>
					</div>
					<RecentNumbers onPick={type} />
					<Field label={w("reference")} hint={w("reference_hint")} error={errors.value.reference}>
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
					<Field label={w("language")} error={errors.value.language}>
						{(field) => (
							<select
								{...field}
								value={language.value}
								onChange={(event) => (language.value = event.currentTarget.value)}
							>
								{me.value?.languages.map((tag) => (
									<option key={tag} value={tag}>
										{languageName(tag)}
									</option>
								))}
							</select>
						)}
					</Field>
					<Button kind="primary" large submit busy={busy.value}>
						{w("send")}
					</Button>
				</form>
			</div>
		</div>
	);
}

function check(number: string, reference: string): Errors {
	const found: Errors = {};
	if (!/\d/.test(number)) found.number = w("number_missing");
	if (reference.length < REFERENCE_MIN) found.reference = w("reference_short", { n: reference.length });
	if (reference.length > REFERENCE_MAX) found.reference = w("reference_long");
	return found;
}

function usualLanguage(): string {
	const offered = me.peek()?.languages ?? [];
	const wanted = [browser.recall("language"), ...navigator.languages].filter((tag) => tag !== null);
	for (const tag of wanted) {
		const base = tag.split("-")[0];
		const found = offered.find((one) => one === tag) ?? offered.find((one) => one.split("-")[0] === base);
		if (found !== undefined) return found;
	}
	return offered[0] ?? "en";
}

const languageName = (tag: string): string =>
	new Intl.DisplayNames([navigator.language, "en"], { type: "language" }).of(tag) ?? tag;

const countryName = (region: string): string => countries.find((country) => country.region === region)?.name ?? region;
