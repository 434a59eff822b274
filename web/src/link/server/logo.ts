// Sends the logo, whose body is a picture.

import type { BrandSettings } from "../../wire/generated";
import { type ApiResult, refusalIn } from "./api";
import { doorHeaders } from "./door";

/** A slow line takes its time for 256 kB. */
const TIMEOUT_MS = 60_000;

export async function sendLogo(file: Blob): Promise<ApiResult<BrandSettings>> {
	try {
		const answer = await fetch("/api/logo", {
			method: "PUT",
			credentials: "same-origin",
			redirect: "error",
			signal: AbortSignal.timeout(TIMEOUT_MS),
			headers: { ...doorHeaders, "content-type": file.type },
			body: file,
		});
		const text = await answer.text();
		if (answer.ok) return { ok: true, value: JSON.parse(text) as BrandSettings };
		const refusal = refusalIn(text);
		if (refusal !== null) return { ok: false, error: refusal };
	} catch {
		// No answer in time, or not our server's.
	}
	return { ok: false, error: { error: "network" } };
}
