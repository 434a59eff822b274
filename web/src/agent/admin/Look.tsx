import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Loading } from "../../ui/loading";
import type { ApiFailure } from "../../ui/refusals";
import type { BrandSettings } from "../../wire/generated";
import { me, signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { LogoCard } from "./LogoCard";
import { brandSettings } from "./look-api";
import { a } from "./words";

/** What pages show of the business beside its name: a logo and one colour. */
export function Look() {
	const found = useSignal<BrandSettings | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const load = async (): Promise<void> => {
		failed.value = null;
		const answer = await brandSettings();
		if (answer.ok) found.value = answer.value;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	const changed = (settings: BrandSettings): void => {
		found.value = settings;
		showLogo(settings);
	};
	useEffect(() => void load(), []);
	return (
		<>
			<h1>{a("look")}</h1>
			<p class="keys-more">{a("look_more")}</p>
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{found.value === null && failed.value === null && <Loading />}
			{found.value !== null && (
				<div class="stack">
					<LogoCard settings={found.value} onChanged={changed} />
					<ColourCard settings={found.value} />
				</div>
			)}
		</>
	);
}

/** The bar of this page shows it at once. */
function showLogo({ logo }: BrandSettings): void {
	const now = me.peek();
	if (now === null) return;
	const { logo: _, ...others } = now.brand ?? {};
	me.value = { ...now, brand: logo === undefined ? others : { ...others, logo } };
}

function ColourCard({ settings: { colour, darkened } }: { settings: BrandSettings }) {
	return (
		<section class="card stack">
			<h2>{a("look_colour")}</h2>
			{colour === undefined ? (
				<p>{a("look_colour_none")}</p>
			) : (
				<p class="swatches">
					{a("look_colour_is", { colour })}
					<Swatch colour={colour} />
					{darkened !== undefined && <Swatch colour={darkened} />}
				</p>
			)}
			{colour !== undefined && darkened !== undefined && (
				<p class="hint warn">{a("look_colour_darkened", { colour, darkened })}</p>
			)}
		</section>
	);
}

function Swatch({ colour }: { colour: string }) {
	return <i class="swatch" style={{ backgroundColor: colour }} />;
}
