// Rating a call, after its end. Separate, since the first page does not need it.

import type { Rate, SessionId } from "../../wire/generated";
import { type ApiResult, ask, sessionPath } from "./api";

/** Rates the call for one seat. A later rating replaces the one before: a repeat does no harm. */
export const rate = (session: SessionId, body: Rate): Promise<ApiResult<void>> =>
	ask("PUT", `${sessionPath(session)}/rating`, body);
