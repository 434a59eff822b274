import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import "../i18n/en-help";
import { t } from "../i18n";
import { CERTIFICATE, offersCertificate } from "../link/server/certificate";
import { Button } from "../ui/buttons";
import { Steps } from "./Steps";

/**
 * How to trust the certificate of a desk that somebody tries with their own phone, and how to take
 * that back. iPhones open no WebSocket to a certificate that was merely accepted (WebKit 145819).
 * Shows its children where the server has no certificate to offer.
 */
export function Trust({ children }: { children: ComponentChildren }) {
	const offered = useSignal(false);
	useEffect(() => {
		void offersCertificate().then((yes) => {
			offered.value = yes;
		});
	}, []);
	if (!offered.value) return <>{children}</>;
	return (
		<section class="stack">
			<h2>{t("trust")}</h2>
			<p>{t("trust_more")}</p>
			<a class="button primary" href={CERTIFICATE}>
				{t("trust_get")}
			</a>
			<Steps of="trust_steps" />
			<Button onClick={() => location.reload()}>{t("try_again")}</Button>
			<p class="hint">{t("trust_undo")}</p>
		</section>
	);
}
