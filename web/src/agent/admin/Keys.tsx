import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import type { ApiFailure } from "../../ui/refusals";
import { API_KEYS_MAX, type ApiKeyLine, type MadeKey } from "../../wire/generated";
import { signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { Turns } from "../turns";
import * as api from "./keys-api";
import { KeyTable } from "./KeyTable";
import { MadeDialog, MakeDialog } from "./MakeKey";
import { RevokeDialog } from "./RevokeKey";
import { a } from "./words";

/** The keys of other programs: who may do what, and since when. */
export function Keys() {
	const found = useSignal<readonly ApiKeyLine[] | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const making = useSignal(false);
	const made = useSignal<MadeKey | null>(null);
	const revoking = useSignal<ApiKeyLine | null>(null);
	const turns = useMemo(() => new Turns(), []);
	const load = async (): Promise<void> => {
		const isNewest = turns.begin();
		failed.value = null;
		const answer = await api.keys();
		if (!isNewest()) return;
		if (answer.ok) found.value = answer.value.keys;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	useEffect(() => void load(), []);
	const keys = found.value;
	const isFull = (keys?.length ?? 0) >= API_KEYS_MAX;
	return (
		<>
			<header class="keys-head">
				<h1>{a("keys")}</h1>
				{keys !== null && !isFull && (
					<Button kind="primary" onClick={() => (making.value = true)}>
						{a("key_make")}
					</Button>
				)}
			</header>
			<p class="keys-more">
				{a("keys_more")} <a href="/api/v1/docs">{a("keys_docs")}</a>
			</p>
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{keys === null && failed.value === null && <Loading />}
			{keys?.length === 0 && <p class="card">{a("keys_none")}</p>}
			{keys !== null && keys.length > 0 && <KeyTable keys={keys} onRevoke={(key) => (revoking.value = key)} />}
			{isFull && <p class="hint">{a("keys_full", { n: API_KEYS_MAX })}</p>}
			{making.value && (
				<MakeDialog
					onClose={() => (making.value = false)}
					onMade={(key) => {
						making.value = false;
						made.value = key;
						void load();
					}}
				/>
			)}
			{made.value !== null && <MadeDialog made={made.value} onClose={() => (made.value = null)} />}
			{revoking.value !== null && (
				<RevokeDialog
					of={revoking.value}
					onClose={() => (revoking.value = null)}
					onRevoked={() => {
						revoking.value = null;
						void load();
					}}
				/>
			)}
		</>
	);
}
