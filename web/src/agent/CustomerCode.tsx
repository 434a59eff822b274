import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SessionId, ShownCode } from "../wire/generated";
import * as api from "./calls-api";
import { signedOut } from "./console";
import { w } from "./words";

/** The code that a customer types whose phone opens no links, or null without one. */
export function useCode(session: SessionId): ShownCode | null {
	const shown = useSignal<ShownCode | null>(COMING);
	useEffect(() => {
		let again: ReturnType<typeof setTimeout> | undefined;
		let left = false;
		shown.value = COMING;
		const ask = async (): Promise<void> => {
			const answer = await api.code(session);
			if (left) return;
			if (answer.ok) shown.value = answer.value;
			else if (!signedOut(answer.error)) {
				if (PASSING.has(answer.error.error)) again = setTimeout(() => void ask(), AGAIN_MS);
				else shown.value = null;
			}
		};
		void ask();
		return () => {
			left = true;
			clearTimeout(again);
		};
	}, [session]);
	return shown.value;
}

/** In two groups, as it is read out. The text is the code alone. */
export function CustomerCode({ shown }: { shown: ShownCode }) {
	const { code } = shown;
	return (
		<div class={shown === COMING ? "coming" : undefined}>
			<dt>{w("code")}</dt>
			<dd>
				<span class="code" translate={false} dir="ltr">
					<span>{code.slice(0, GROUP)}</span>
					<span>{code.slice(GROUP)}</span>
				</span>
			</dd>
		</div>
	);
}

/** Says where to type the code. */
export function CodeHint({ shown }: { shown: ShownCode }) {
	const { address } = shown;
	return (
		<p class={shown === COMING ? "hint coming" : "hint"}>
			{w("code_more", { address: address.replace(/^https:\/\//, "") })}
		</p>
	);
}

/** Keeps the place of a code until it is known. */
const COMING: ShownCode = { code: "00000000", address: `${location.origin}/j` };

const GROUP = 4;
const AGAIN_MS = 2_000;
/** Failures that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(["network", "trouble"]);
