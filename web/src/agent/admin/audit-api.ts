// The API request about the audit log; for admins.

import { type ApiResult, ask } from "../../link/server/api";
import type { AuditLines } from "../../wire/generated";

/** `after` goes on behind an earlier answer. */
export const auditLines = (after: string | undefined): Promise<ApiResult<AuditLines>> =>
	ask("GET", after === undefined ? "/api/audit" : `/api/audit?after=${encodeURIComponent(after)}`);
