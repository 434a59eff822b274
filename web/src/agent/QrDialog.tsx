import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { onceLoaded } from "../link/once-loaded";
import type { ApiResult } from "../link/server/api";
import { Button } from "../ui/buttons";
import { Dialog } from "../ui/dialog";
import { failureWords } from "../ui/refusals";
import type { FreshLink, SessionId } from "../wire/generated";
import * as api from "./calls-api";
import { signedOut } from "./console";
import { w } from "./words";

export type Code = { link: string; size: number; path: string } | { failed: string } | null;

/** A fresh link as a QR code for the customer's phone. The encoder loads when it is needed. */
export function QrDialog({ session, onClose }: { session: SessionId; onClose: () => void }) {
	const code = useSignal<Code>(null);
	useEffect(() => {
		void draw(api.freshLink(session)).then((drawn) => {
			code.value = drawn;
		});
	}, []);
	return (
		<Dialog title={w("qr_title")} onClose={onClose}>
			<Drawn code={code.value} />
			<div class="actions">
				<Button onClick={onClose}>{t("close")}</Button>
			</div>
		</Dialog>
	);
}

/** The code and the link, or what went wrong. */
export function Drawn({ code }: { code: Code }) {
	if (code === null) return <p role="status">{t("loading")}</p>;
	if ("failed" in code) return <p role="alert">{code.failed}</p>;
	return (
		<>
			<svg
				class="qr"
				viewBox={`0 0 ${code.size} ${code.size}`}
				role="img"
				aria-label={w("qr_alt")}
				shape-rendering="crispEdges"
			>
				<path d={code.path} />
			</svg>
			<p class="link" dir="ltr">
				{code.link}
			</p>
		</>
	);
}

/** Draws a link that the server is asked for. */
export async function draw(asked: Promise<ApiResult<FreshLink>>): Promise<Code> {
	const answer = await asked;
	if (!answer.ok && signedOut(answer.error)) return null;
	if (!answer.ok) return { failed: failureWords(answer.error) };
	try {
		const { encode } = await coder();
		const { data, size } = encode(answer.value.link, { ecc: "M", border: 4 });
		const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
		return { link: answer.value.link, size, path };
	} catch {
		return { failed: t("network") };
	}
}

const coder = onceLoaded(() => import("uqr"));
