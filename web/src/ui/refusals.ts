import { t } from "../i18n";
import type { ApiResult } from "../link/server/api";
import type { Refusal } from "../wire/generated";

/** The text for a refused command. */
export function refusalWords(refusal: Refusal): string {
	switch (refusal.why) {
		case "busy":
		case "trouble":
		case "too_often":
		case "limit_reached":
		case "too_long":
		case "call_ended":
		case "already_joined":
		case "name_taken":
		case "camera_off":
		case "board_closed":
		case "no_picture":
		case "not_uploaded":
		case "bad_picture":
			return t(`refusal_${refusal.why}`);
		case "too_soon":
			return t("refusal_too_soon", { s: Math.ceil(refusal.wait_ms / 1000) });
		case "seat_taken":
		case "moved":
			return t("move_more");
		case "invite_expired":
			return t("link_expired");
		case "invite_cancelled":
			return t("link_cancelled");
		default:
			return t("refusal_other");
	}
}

/** Why an API request failed. */
export type ApiFailure = Extract<ApiResult<unknown>, { ok: false }>["error"];

/** The text for a failed API request. */
export function failureWords(error: ApiFailure): string {
	switch (error.error) {
		case "network":
			return t("network");
		case "refused":
			return refusalWords(error);
		case "too_often":
			return t("refusal_too_often");
		case "trouble":
			return t("refusal_trouble");
		default:
			return t("refusal_other");
	}
}
