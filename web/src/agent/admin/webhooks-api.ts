// API requests about webhooks; for admins.

import { type ApiResult, ask } from "../../link/server/api";
import type {
	DeliveryLine,
	DeliveryList,
	MadeWebhook,
	MakeWebhook,
	MessageId,
	WebhookId,
	WebhookLine,
	WebhookList,
} from "../../wire/generated";

export const webhooks = (): Promise<ApiResult<WebhookList>> => ask("GET", "/api/webhooks");

/** The answer alone has the secret. */
export const makeWebhook = (body: MakeWebhook): Promise<ApiResult<MadeWebhook>> => ask("POST", "/api/webhooks", body);

export const switchWebhook = (id: WebhookId, on: boolean): Promise<ApiResult<WebhookLine>> =>
	ask("PUT", path(id), { on });

export const removeWebhook = (id: WebhookId): Promise<ApiResult<void>> => ask("DELETE", path(id));

/** The answer alone has the new secret. */
export const rotateWebhook = (id: WebhookId): Promise<ApiResult<MadeWebhook>> => ask("POST", `${path(id)}/rotate`);

export const testWebhook = (id: WebhookId): Promise<ApiResult<DeliveryLine>> => ask("POST", `${path(id)}/test`);

export const deliveries = (id: WebhookId, after?: string): Promise<ApiResult<DeliveryList>> =>
	ask("GET", `${path(id)}/deliveries${after === undefined ? "" : `?after=${encodeURIComponent(after)}`}`);

export const deliverAgain = (id: WebhookId, message: MessageId): Promise<ApiResult<DeliveryLine>> =>
	ask("POST", `${path(id)}/deliveries/${encodeURIComponent(message)}/again`);

function path(id: WebhookId): string {
	return `/api/webhooks/${encodeURIComponent(id)}`;
}
