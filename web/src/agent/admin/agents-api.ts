// API requests about the agents; for admins.

import { type ApiResult, ask } from "../../link/server/api";
import type { AgentId, AgentLines, SetAccess } from "../../wire/generated";

export const agents = (): Promise<ApiResult<AgentLines>> => ask("GET", "/api/agents");

export const setAccess = (id: AgentId, body: SetAccess): Promise<ApiResult<void>> =>
	ask("PUT", `/api/agents/${encodeURIComponent(id)}/access`, body);
