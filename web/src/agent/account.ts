// API requests for signing in and out; separate, since the customer's page loads the others.

import { type ApiResult, ask } from "../link/server/api";
import type { Entrance, InviteSecret, Me, SignedOut } from "../wire/generated";

/** How to sign in here. */
export const entrance = (): Promise<ApiResult<Entrance>> => ask("GET", "/api/entrance");

export const signInOnce = (token: InviteSecret): Promise<ApiResult<Me>> => ask("POST", "/api/sign-in/once", { token });

export const signOut = (): Promise<ApiResult<SignedOut>> => ask("POST", "/api/sign-out", {});
