// API requests of the page in a frame of another program.

import { type ApiResult, ask } from "../../link/server/api";
import type { EmbedOrigins, EnterEmbed, Me } from "../../wire/generated";

/** Whose messages the page listens to. */
export const origins = (): Promise<ApiResult<EmbedOrigins>> => ask("GET", "/api/embed");

/** Trades a token for the page's cookie. */
export const enter = (by: EnterEmbed): Promise<ApiResult<Me>> => ask("POST", "/api/embed", by);
