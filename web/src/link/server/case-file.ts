// Whether a file that is made when somebody asks for it is there: a case file, or an export.

import type { ExportFormat, SessionId } from "../../wire/generated";
import { sessionPath } from "./api";

export const casePath = (session: SessionId): string => `${sessionPath(session)}/case`;

/** The address of an export. With another `file` it is another one. */
export function exportPath(of: { from: string; to: string; format: ExportFormat; file: string }): string {
	const { from, to, format, file } = of;
	return `/api/export?${new URLSearchParams({ from, to, as: format, file })}`;
}

type Made = "ready" | "refused" | "failed" | number;

/**
 * Whether a file is there; while it is being made, the milliseconds after which to ask again. A
 * redirect leads to the file, which a navigation follows. A call that runs has no case file, and
 * too many calls have no export: those are refused.
 */
export async function isMade(path: string): Promise<Made> {
	try {
		const answer = await fetch(path, { redirect: "manual", cache: "no-store" });
		if (answer.type === "opaqueredirect") return "ready";
		if (answer.status === 202) return Math.max(1, Number(answer.headers.get("retry-after")) || 2) * 1_000;
		return answer.status === 409 ? "refused" : "failed";
	} catch {
		return "failed";
	}
}

/** Asks until the file is there, or until `wanted` says that nobody waits any more. */
export async function whenMade(path: string, wanted: () => boolean): Promise<"ready" | "refused" | "failed"> {
	for (;;) {
		const found = await isMade(path);
		if (typeof found !== "number") return found;
		await new Promise((resolve) => setTimeout(resolve, found));
		if (!wanted()) return "failed";
	}
}
