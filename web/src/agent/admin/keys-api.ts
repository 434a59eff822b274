// API requests about the keys of other programs; for admins.

import { type ApiResult, ask } from "../../link/server/api";
import type { ApiKeyId, ApiKeyList, MadeKey, MakeKey } from "../../wire/generated";

export const keys = (): Promise<ApiResult<ApiKeyList>> => ask("GET", "/api/keys");

/** The answer alone has the secret. */
export const makeKey = (body: MakeKey): Promise<ApiResult<MadeKey>> => ask("POST", "/api/keys", body);

export const revokeKey = (id: ApiKeyId): Promise<ApiResult<void>> =>
	ask("DELETE", `/api/keys/${encodeURIComponent(id)}`);
