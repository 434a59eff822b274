// API requests about the lines that a deployment has ready for the chat.

import { type ApiResult, ask } from "../../link/server/api";
import type { ReadyLineList } from "../../wire/generated";

export const readyLines = (): Promise<ApiResult<ReadyLineList>> => ask("GET", "/api/lines");

/** Replaces the lines of a revision; for admins. */
export const replaceLines = (list: ReadyLineList): Promise<ApiResult<ReadyLineList>> => ask("PUT", "/api/lines", list);
