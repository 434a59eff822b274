// API requests about figures and exports; for admins.

import { type ApiResult, ask } from "../../../link/server/api";
import type { Figures } from "../../../wire/generated";
import type { Period } from "./period";

/** The figures of a period; of the last thirty days without one. */
export const figures = (period: Period | null): Promise<ApiResult<Figures>> =>
	ask("GET", period === null ? "/api/figures" : `/api/figures?from=${period.from}&to=${period.to}`);
