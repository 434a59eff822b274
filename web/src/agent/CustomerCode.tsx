import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SessionId, ShownCode } from "../wire/generated";
import * as api from "./calls-api";
import { signedOut } from "./console";
import { w } from "./words";

/** The code that a customer types whose phone opens no links, or null until it is known. */
export function useCode(session: SessionId): ShownCode | null {
	const shown = useSignal<ShownCode | null>(null);
	useEffect(() => {
		let again: ReturnType<typeof setTimeout> | undefined;
		let left = false;
		const ask = async (): Promise<void> => {
			const answer = await api.code(session);
			if (left) return;
			if (answer.ok) shown.value = answer.value;
			else if (!signedOut(answer.error) && PASSING.has(answer.error.error))
				again = setTimeout(() => void ask(), AGAIN_MS);
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
export function CustomerCode({ code }: { code: string }) {
	return (
		<div>
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
export function CodeHint({ address }: { address: string }) {
	return <p class="hint">{w("code_more", { address: address.replace(/^https:\/\//, "") })}</p>;
}

const GROUP = 4;
const AGAIN_MS = 2_000;
/** Failures that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(["network", "trouble"]);
