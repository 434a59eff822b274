// API requests about the business's colour and logo; for admins.

import { type ApiResult, ask } from "../../link/server/api";
import type { BrandSettings } from "../../wire/generated";

export { sendLogo } from "../../link/server/logo";

export const brandSettings = (): Promise<ApiResult<BrandSettings>> => ask("GET", "/api/brand");

export const removeLogo = (): Promise<ApiResult<void>> => ask("DELETE", "/api/logo");
