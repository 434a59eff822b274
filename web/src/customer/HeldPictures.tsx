import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { t } from "../i18n";
import type { Call } from "../link/call";
import { SaveIcon } from "../ui/call-icons";
import "./held.css";

/** The pictures of the chat that this page has, to be saved after the call. Loads none. */
export function HeldPictures({ call }: { call: Call }) {
	const urls = useSignal<readonly string[]>([]);
	useLayoutEffect(() => {
		const made = heldPictures(call).map((blob) => URL.createObjectURL(blob));
		urls.value = made;
		return () => {
			for (const url of made) URL.revokeObjectURL(url);
		};
	}, [call]);
	if (urls.value.length === 0) return null;
	return (
		<section class="held">
			<h2>{t("held")}</h2>
			<p class="hint">{t("held_more")}</p>
			<ul>
				{urls.value.map((url, at) => (
					<li key={url}>
						<img src={url} alt={t("held_picture", { n: at + 1 })} loading="lazy" decoding="async" draggable={false} />
						<a
							class="button quiet"
							href={url}
							download={`picture-${at + 1}.jpg`}
							aria-description={t("held_picture", { n: at + 1 })}
						>
							<SaveIcon />
							<span>{t("held_save")}</span>
						</a>
					</li>
				))}
			</ul>
		</section>
	);
}

/** In the order of the chat. */
function heldPictures(call: Call): Blob[] {
	const sent = [...call.view.peek().lines].flatMap(({ picture }) => (picture === null ? [] : [picture]));
	return sent.flatMap(({ picture, through }) => call.shared.held({ of: "sent", picture, through }) ?? []);
}
