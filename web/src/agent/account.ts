// An agent's way in and out. Apart from the other calls, which the customer's page loads as well.

import { type ApiResult, ask } from "../link/server/api";
import type { Entrance, InviteSecret, Me, SignedOut } from "../wire/generated";

/** What somebody can do who is not signed in. */
export const entrance = (): Promise<ApiResult<Entrance>> => ask("GET", "/api/entrance");

export const signInOnce = (token: InviteSecret): Promise<ApiResult<Me>> => ask("POST", "/api/sign-in/once", { token });

export const signOut = (): Promise<ApiResult<SignedOut>> => ask("POST", "/api/sign-out", {});
