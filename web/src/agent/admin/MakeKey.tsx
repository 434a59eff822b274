import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../../i18n";
import { composed } from "../../link/server/text";
import { Button } from "../../ui/buttons";
import { Dialog } from "../../ui/dialog";
import { failureWords } from "../../ui/refusals";
import { type KeyScope, type MadeKey, DISPLAY_NAME_MAX } from "../../wire/generated";
import { signedOut } from "../console";
import { Field } from "../Field";
import { makeKey } from "./keys-api";
import { SecretDialog } from "./SecretDialog";
import { a } from "./words";

/** Asks what a new key is for and what it may do. */
export function MakeDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: MadeKey) => void }) {
	const name = useSignal("");
	const scopes = useSignal<readonly KeyScope[]>([]);
	const days = useSignal<(typeof DAYS)[number]>("365");
	const tried = useSignal(false);
	const busy = useSignal(false);
	const failed = useSignal<string | null>(null);
	const field = useRef<HTMLInputElement>(null);
	const make = async (): Promise<void> => {
		tried.value = true;
		const named = composed(name.peek()).trim();
		if (named === "") field.current?.focus();
		if (busy.peek() || named === "" || scopes.peek().length === 0) return;
		busy.value = true;
		const ends = days.peek() === "never" ? {} : { days: Number(days.peek()) };
		const answer = await makeKey({ name: named, scopes: [...scopes.peek()], ...ends });
		busy.value = false;
		if (answer.ok) onMade(answer.value);
		else if (!signedOut(answer.error)) failed.value = failureWords(answer.error);
	};
	return (
		<Dialog title={a("key_make")} busy={busy.value} onClose={onClose}>
			<form
				class="stack"
				onSubmit={(event) => {
					event.preventDefault();
					void make();
				}}
			>
				<Field
					label={a("key_name")}
					hint={a("key_name_hint")}
					error={tried.value && name.value.trim() === "" ? a("key_name_missing") : undefined}
				>
					{(given) => (
						<input
							{...given}
							ref={field}
							autocomplete="off"
							dir="auto"
							maxLength={DISPLAY_NAME_MAX}
							value={name.value}
							onInput={(event) => {
								name.value = event.currentTarget.value;
							}}
						/>
					)}
				</Field>
				<Scopes chosen={scopes.value} missing={tried.value} onChange={(chosen) => (scopes.value = chosen)} />
				<Field label={a("key_ends")}>
					{(given) => (
						<select
							{...given}
							value={days.value}
							onChange={(event) => {
								days.value = event.currentTarget.value as (typeof DAYS)[number];
							}}
						>
							{DAYS.map((one) => (
								<option key={one} value={one}>
									{a(`days_${one}`)}
								</option>
							))}
						</select>
					)}
				</Field>
				{failed.value !== null && <p role="alert">{failed.value}</p>}
				<div class="actions">
					<Button disabled={busy.value} onClick={onClose}>
						{t("cancel")}
					</Button>
					<Button kind="primary" submit busy={busy.value}>
						{a("key_make")}
					</Button>
				</div>
			</form>
		</Dialog>
	);
}

interface ScopesProps {
	chosen: readonly KeyScope[];
	/** Nothing may be missing any more. */
	missing: boolean;
	onChange: (chosen: readonly KeyScope[]) => void;
}

function Scopes({ chosen, missing, onChange }: ScopesProps) {
	return (
		<fieldset class="plain-set">
			<legend>{a("key_scopes")}</legend>
			{SCOPES.map((scope) => (
				<label key={scope} class="check">
					<input
						type="checkbox"
						checked={chosen.includes(scope)}
						onChange={(event) => {
							const others = chosen.filter((one) => one !== scope);
							onChange(event.currentTarget.checked ? [...others, scope] : others);
						}}
					/>
					<span>{a(`scope_${scope}`)}</span>
				</label>
			))}
			{missing && chosen.length === 0 && (
				<p class="error" role="alert">
					{a("key_scopes_missing")}
				</p>
			)}
		</fieldset>
	);
}

/** Shows a new key, once. */
export function MadeDialog({ made, onClose }: { made: MadeKey; onClose: () => void }) {
	const words = {
		once: a("key_once"),
		copy: a("key_copy"),
		copied: a("key_copied"),
		byHand: a("key_copy_by_hand"),
	};
	return (
		<SecretDialog title={a("key_new", { name: made.key.name })} secret={made.secret} words={words} onClose={onClose} />
	);
}

const SCOPES: readonly KeyScope[] = ["invite", "read", "case", "erase"];
const DAYS = ["30", "90", "365", "never"] as const;
