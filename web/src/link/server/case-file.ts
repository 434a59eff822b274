// Whether the case file of a call is made.

import type { SessionId } from "../../wire/generated";
import { sessionPath } from "./api";

export const casePath = (session: SessionId): string => `${sessionPath(session)}/case`;

/**
 * Whether the case file is there; while it is being made, the milliseconds after which to ask
 * again. A redirect leads to the file, which a navigation follows.
 */
export async function caseIsReady(session: SessionId): Promise<"ready" | "running" | "failed" | number> {
	try {
		const answer = await fetch(casePath(session), { redirect: "manual", cache: "no-store" });
		if (answer.type === "opaqueredirect") return "ready";
		if (answer.status === 202) return Math.max(1, Number(answer.headers.get("retry-after")) || 2) * 1_000;
		return answer.status === 409 ? "running" : "failed";
	} catch {
		return "failed";
	}
}
