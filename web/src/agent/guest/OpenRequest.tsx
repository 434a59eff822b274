import type { Call } from "../../link/call";
import { openFor, useOutcome } from "./request";
import { g } from "./words";

/** The open request, over the picture. */
export function OpenRequest({ call, name }: { call: Call; name: string }) {
	const left_ms = openFor(call);
	const open = left_ms > 0;
	useOutcome(call, name, open);
	const { request } = call.view.value.guest;
	const allowed = request?.answer === "allowed";
	// Screen readers announce a status only if it exists before its text.
	return (
		<div class={open ? "banner" : ""}>
			<p role="status">{open && request !== null && g(allowed ? "allowed" : `asked_${request.wish}`, { name })}</p>
			{open && !allowed && <p aria-hidden="true">{g("waits", { s: Math.ceil(left_ms / 1_000) })}</p>}
		</div>
	);
}
