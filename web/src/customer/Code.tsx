import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { type Key, t } from "../i18n";
import { Button } from "../ui/buttons";
import { type ApiFailure, failureWords } from "../ui/refusals";
import { CODE_TYPED_MAX } from "../wire/generated";
import { Brand } from "./Brand";
import { tryCode } from "./page";

/** Asks for the code of an invitation whose link a phone does not open. Continue only looks. */
export function Code() {
	const id = useId();
	const heading = useRef<HTMLHeadingElement>(null);
	// Screen readers start a new screen at its heading.
	useEffect(() => heading.current?.focus(), []);
	const field = useRef<HTMLInputElement>(null);
	/** The code that is looked up. */
	const asked = useSignal<string | null>(null);
	const failure = useSignal<ApiFailure | null>(null);
	const send = async (): Promise<void> => {
		const code = field.current?.value ?? "";
		if (asked.peek() === code) return;
		asked.value = code;
		failure.value = null;
		const refused = await tryCode(code);
		// The customer has corrected it meanwhile.
		if (asked.peek() !== code) return;
		asked.value = null;
		failure.value = refused;
		if (refused !== null) field.current?.focus();
	};
	return (
		<main class="sheet-page">
			<Brand />
			<form
				class="card message"
				onSubmit={(event) => {
					event.preventDefault();
					void send();
				}}
			>
				<h1 ref={heading} tabIndex={-1}>
					{t("code_title")}
				</h1>
				<p>{t("code_more")}</p>
				<div class="field">
					<label for={id}>{t("code")}</label>
					<input
						ref={field}
						id={id}
						class="code"
						type="text"
						dir="ltr"
						autoComplete="off"
						autoCapitalize="characters"
						autoCorrect="off"
						spellcheck={false}
						enterkeyhint="go"
						maxLength={CODE_TYPED_MAX}
						aria-invalid={failure.value !== null}
						aria-describedby={`${id}-error`}
					/>
					<p class="error" id={`${id}-error`} role="alert">
						{failure.value === null ? "" : words(failure.value)}
					</p>
				</div>
				<Button kind="primary" large submit busy={asked.value !== null}>
					{t("code_go")}
				</Button>
			</form>
		</main>
	);
}

function words(failure: ApiFailure): string {
	const key = WORDS[failure.error];
	return key === undefined ? failureWords(failure) : t(key);
}

const WORDS: Readonly<Partial<Record<ApiFailure["error"], Key>>> = {
	malformed: "code_malformed",
	unknown_link: "code_unknown",
	too_often: "code_paused",
};
