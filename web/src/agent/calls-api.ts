// API requests about the agent's calls; separate, since the customer's page loads the others.

import { type ApiResult, ask, sessionPath } from "../link/server/api";
import type {
	Calls,
	FreshLink,
	NumberReading,
	ReadNumber,
	SessionId,
	ShownCode,
	StartCall,
	Started,
} from "../wire/generated";

export const startCall = (body: StartCall): Promise<ApiResult<Started>> => ask("POST", "/api/sessions", body);

/** How the server reads a number. Asked by POST, so that no log of addresses has the number. */
export const readNumber = (body: ReadNumber): Promise<ApiResult<NumberReading>> => ask("POST", "/api/number", body);

/** `path` names what is asked for (`toPath` of `calls/query.ts`). */
export const calls = (path = "/api/sessions"): Promise<ApiResult<Calls>> => ask("GET", path);

/** `attempt` is the newest known plus one: two clicks send one message. */
export const sendAgain = (session: SessionId, attempt: number): Promise<ApiResult<void>> =>
	ask("POST", `${sessionPath(session)}/send`, { attempt });

export const freshLink = (session: SessionId): Promise<ApiResult<FreshLink>> =>
	ask("POST", `${sessionPath(session)}/link`, {});

/** Takes back every link, code and seat of the customer, and makes a new link. */
export const renewLink = (session: SessionId): Promise<ApiResult<FreshLink>> =>
	ask("POST", `${sessionPath(session)}/renewed-link`, {});

/** The short code of the invite; refused once it is void. */
export const code = (session: SessionId): Promise<ApiResult<ShownCode>> => ask("GET", `${sessionPath(session)}/code`);
