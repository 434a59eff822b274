import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../ui/buttons";
import { Logo } from "../../ui/look/brand";
import { type ApiFailure, failureWords } from "../../ui/refusals";
import { note } from "../../ui/toasts";
import { type BrandSettings, LOGO_BYTES_MAX } from "../../wire/generated";
import { signedOut } from "../console";
import { removeLogo, sendLogo } from "./look-api";
import { a } from "./words";

const KINDS = ["image/png", "image/jpeg"];

interface CardProps {
	settings: BrandSettings;
	onChanged: (settings: BrandSettings) => void;
}

/** Shows the logo, lets an admin choose another one and look at it first, or removes it. */
export function LogoCard({ settings, onChanged }: CardProps) {
	const chosen = useSignal<File | null>(null);
	const failed = useSignal<string | null>(null);
	const busy = useSignal(false);
	const fails = (error: ApiFailure): void => {
		if (!signedOut(error)) failed.value = logoWords(error);
	};
	const does = async (deed: () => Promise<void>): Promise<void> => {
		if (busy.peek()) return;
		busy.value = true;
		failed.value = null;
		await deed();
		busy.value = false;
	};
	const use = async (file: File): Promise<void> => {
		const answer = await sendLogo(file);
		if (!answer.ok) return fails(answer.error);
		// The browser's list of files may have been open meanwhile, and another one chosen there.
		if (chosen.peek() === file) chosen.value = null;
		onChanged(answer.value);
		note(a("look_used"));
	};
	const remove = async (): Promise<void> => {
		const answer = await removeLogo();
		if (!answer.ok) return fails(answer.error);
		const { logo: _, ...others } = settings;
		onChanged(others);
		note(a("look_removed"));
	};
	const choose = (file: File): void => {
		failed.value = faultOf(file);
		chosen.value = failed.peek() === null ? file : null;
	};
	const shown = chosen.value;
	return (
		<section class="card stack" aria-labelledby="logo">
			<h2 id="logo">{a("look_logo")}</h2>
			{shown === null ? <Shown settings={settings} /> : <Preview file={shown} />}
			<p class="hint">{a(settings.logo_is_given ? "look_logo_given" : "look_logo_more")}</p>
			{failed.value !== null && (
				<p class="hint warn" role="alert">
					{failed.value}
				</p>
			)}
			{!settings.logo_is_given && (
				<div class="actions">
					{shown === null && settings.logo !== undefined && (
						<Button busy={busy.value} onClick={() => void does(remove)}>
							{a("look_remove")}
						</Button>
					)}
					<Choose disabled={busy.value} onChoose={choose} />
					{shown !== null && (
						<Button kind="primary" busy={busy.value} onClick={() => void does(() => use(shown))}>
							{a("look_use")}
						</Button>
					)}
				</div>
			)}
		</section>
	);
}

function Shown({ settings: { logo } }: { settings: BrandSettings }) {
	return logo === undefined ? (
		<p>{a("look_logo_none")}</p>
	) : (
		<p class="logo-shown">
			<Logo of={logo} />
		</p>
	);
}

/** A file that was chosen and not sent. */
function Preview({ file }: { file: File }) {
	const url = useSignal("");
	useEffect(() => {
		const made = URL.createObjectURL(file);
		url.value = made;
		return () => URL.revokeObjectURL(made);
	}, [file]);
	return <p class="logo-shown">{url.value !== "" && <img class="logo" src={url.value} alt={a("look_preview")} />}</p>;
}

function Choose({ disabled, onChoose }: { disabled: boolean; onChoose: (file: File) => void }) {
	const field = useRef<HTMLInputElement>(null);
	const picked = (): void => {
		const input = field.current;
		const file = input?.files?.[0];
		if (file) onChoose(file);
		// The same file may be chosen again.
		if (input) input.value = "";
	};
	return (
		<>
			<Button disabled={disabled} onClick={() => field.current?.click()}>
				{a("look_choose")}
			</Button>
			<input ref={field} type="file" accept={KINDS.join()} hidden onChange={picked} />
		</>
	);
}

/** What can be said of a file without sending it. */
function faultOf(file: File): string | null {
	if (!KINDS.includes(file.type)) return a("logo_other_kind");
	return file.size > LOGO_BYTES_MAX ? a("logo_too_many_bytes") : null;
}

function logoWords(error: ApiFailure): string {
	return error.error === "bad_logo" ? a(`logo_${error.why}`) : failureWords(error);
}
