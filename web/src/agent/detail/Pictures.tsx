import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { stampText } from "../../ink/stamp";
import { fetchOverHttp } from "../../link/picture/pictures";
import { Button } from "../../ui/buttons";
import { toast } from "../../ui/toasts";
import type { CallDetail, CallPicture, Event, SessionId } from "../../wire/generated";
import { pictures as load } from "./case-api";
import { Part } from "./Part";
import { numbersOf } from "./timeline";
import { d } from "./words";

type Loaded = readonly CallPicture[] | "failed" | null;

interface PicturesProps {
	session: SessionId;
	events: readonly Event[];
	detail: CallDetail;
}

/** All pictures large: as taken, and with what was drawn on them. */
export function Pictures({ session, events, detail }: PicturesProps) {
	const loaded = useSignal<Loaded>(null);
	const numbers = useMemo(() => numbersOf(events), [events]);
	const fetchAll = (): void => void into(loaded, session);
	useEffect(fetchAll, [session]);
	const now = loaded.value;
	return (
		<Part title={d("pictures")}>
			{now === null && <div class="bone picture-bone" role="status" aria-label={t("loading")} />}
			{now === "failed" && (
				<div role="alert">
					<p>{d("pictures_failed")}</p>
					<Button onClick={fetchAll}>{t("try_again")}</Button>
				</div>
			)}
			{Array.isArray(now) && now.length === 0 && <p class="hint">{d("pictures_none")}</p>}
			{Array.isArray(now) &&
				now.map((one) => (
					<One
						key={one.picture}
						one={one}
						n={numbers.get(one.picture) ?? 0}
						caption={captionOf(one, events, detail)}
						onLost={fetchAll}
					/>
				))}
		</Part>
	);
}

async function into(loaded: Signal<Loaded>, session: SessionId): Promise<void> {
	const answer = await load(session);
	loaded.value = answer.ok ? answer.value.pictures : "failed";
}

/** When it was taken, from what, and by whom. */
function captionOf(one: CallPicture, events: readonly Event[], detail: CallDetail): string {
	const from = d(one.source === "gallery" ? "from_gallery" : "from_camera");
	const time = stampText(one.at_ms, detail.utc_offset_min ?? null);
	const asked = events.find((event) => event.seq === one.picture);
	const name = asked?.type === "capture_asked" && asked.seat === "agent" ? detail.agent_name : detail.customer_name;
	return d("picture_caption", { time, from, by: d("asked_by", { name: name ?? d("customer") }) });
}

interface OneProps {
	one: CallPicture;
	n: number;
	caption: string;
	/** The address of an image is no longer valid. */
	onLost: () => void;
}

function One({ one, n, caption, onLost }: OneProps) {
	return (
		<div class="case-picture" id={`picture-${one.picture}`} tabIndex={-1}>
			<h3>{d("picture", { n })}</h3>
			{one.base !== undefined && (
				<Shown
					url={one.base}
					name={d("picture_base", { n })}
					caption={caption}
					file={`picture-${n}.jpg`}
					onLost={onLost}
				/>
			)}
			{one.sent.map(({ through, url }, index) => (
				<Shown
					key={through}
					url={url}
					name={d("picture_sent", { n })}
					caption={caption}
					file={`picture-${n}-drawn-${index + 1}.jpg`}
					onLost={onLost}
				/>
			))}
		</div>
	);
}

interface ShownProps {
	url: string;
	name: string;
	caption: string;
	file: string;
	onLost: () => void;
}

function Shown({ url, name, caption, file, onLost }: ShownProps) {
	const lost = useSignal(0);
	const failed = (): void => {
		lost.value += 1;
		// Once, since the address may just be too old.
		if (lost.value === 1) onLost();
	};
	return (
		<figure>
			<img src={url} alt={name} crossOrigin="anonymous" decoding="async" onError={failed} />
			<figcaption>
				<span>{lost.value > 1 ? d("picture_lost") : `${name}: ${caption}`}</span>
				<Button kind="plain" description={name} onClick={() => void download(url, file)}>
					{d("picture_download")}
				</Button>
			</figcaption>
		</figure>
	);
}

/** The store is another origin, where a link's `download` has no effect. */
async function download(url: string, file: string): Promise<void> {
	const bytes = await fetchOverHttp(url, new AbortController().signal).catch(() => null);
	if (bytes === null) {
		toast(d("picture_lost"));
		return;
	}
	const link = document.createElement("a");
	link.href = URL.createObjectURL(bytes);
	link.download = file;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
