// Dial codes of all countries and territories with a numbering plan (ITU-T E.164 assignments).
// Names come from the browser; the server validates numbers.

import { computed } from "@preact/signals";
import { reportedLanguages } from "../i18n/reported";
import { browser } from "../ui/remember";
import { locale } from "./times";

const CODES =
	"AC247 AD376 AE971 AF93 AG1268 AI1264 AL355 AM374 AO244 AR54 AS1684 AT43 AU61 AW297 AX358 AZ994 BA387 BB1246 BD880 BE32 BF226 " +
	"BG359 BH973 BI257 BJ229 BL590 BM1441 BN673 BO591 BQ599 BR55 BS1242 BT975 BW267 BY375 BZ501 CA1 CC61 CD243 CF236 CG242 CH41 CI225 " +
	"CK682 CL56 CM237 CN86 CO57 CR506 CU53 CV238 CW599 CX61 CY357 CZ420 DE49 DJ253 DK45 DM1767 DO1809 DZ213 EC593 EE372 EG20 EH212 " +
	"ER291 ES34 ET251 FI358 FJ679 FK500 FM691 FO298 FR33 GA241 GB44 GD1473 GE995 GF594 GG44 GH233 GI350 GL299 GM220 GN224 GP590 GQ240 " +
	"GR30 GT502 GU1671 GW245 GY592 HK852 HN504 HR385 HT509 HU36 ID62 IE353 IL972 IM44 IN91 IO246 IQ964 IR98 IS354 IT39 JE44 JM1876 " +
	"JO962 JP81 KE254 KG996 KH855 KI686 KM269 KN1869 KP850 KR82 KW965 KY1345 KZ7 LA856 LB961 LC1758 LI423 LK94 LR231 LS266 LT370 LU352 " +
	"LV371 LY218 MA212 MC377 MD373 ME382 MF590 MG261 MH692 MK389 ML223 MM95 MN976 MO853 MP1670 MQ596 MR222 MS1664 MT356 MU230 MV960 " +
	"MW265 MX52 MY60 MZ258 NA264 NC687 NE227 NF672 NG234 NI505 NL31 NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689 PG675 PH63 PK92 " +
	"PL48 PM508 PR1787 PS970 PT351 PW680 PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65 SH290 SI386 SJ47 SK421 " +
	"SL232 SM378 SN221 SO252 SR597 SS211 ST239 SV503 SX1721 SY963 SZ268 TA290 TC1649 TD235 TG228 TH66 TJ992 TK690 TL670 TM993 TN216 TO676 " +
	"TR90 TT1868 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VA39 VC1784 VE58 VG1284 VI1340 VN84 VU678 WF681 WS685 XK383 YE967 YT262 " +
	"ZA27 ZM260 ZW263";

const DIALS = CODES.split(" ").map((code): [string, string] => [code.slice(0, 2), code.slice(2)]);

interface Country {
	/** Two letters of ISO 3166-1. */
	region: string;
	dial: string;
	name: string;
}

const named = computed(() => {
	const said = locale();
	const names = new Intl.DisplayNames([said, "en"], { type: "region", fallback: "code" });
	const name = (region: string): string => names.of(region) ?? region;
	const all = DIALS.map(([region, dial]): Country => ({ region, dial, name: name(region) }));
	return { name, all: all.sort((a, b) => a.name.localeCompare(b.name, said)) };
});

/** All countries, in the language that the page speaks. */
export const countries = (): readonly Country[] => named.value.all;

export const countryName = (region: string): string => named.value.name(region);

/** The region with the longest name. */
export function longestCountry(): string {
	const { region } = countries().reduce((a, b) => (b.name.length > a.name.length ? b : a));
	return region;
}

/** The region of an international number; `current` where several regions share the code. */
export function regionOf(number: string, current: string): string {
	const digits = number
		.normalize("NFKC")
		.replace(/[^\d+]/g, "")
		.replace(/^00/, "+");
	if (!digits.startsWith("+")) return current;
	const fitting = DIALS.filter(([, dial]) => digits.startsWith(`+${dial}`)).map(([region, dial]) => ({ region, dial }));
	const longest = Math.max(0, ...fitting.map((country) => country.dial.length));
	const best = fitting.filter((country) => country.dial.length === longest);
	const main = best.find((country) => MAIN.has(country.region)) ?? best[0];
	return best.find((country) => country.region === current)?.region ?? main?.region ?? current;
}

/** Country code and the last three digits: enough to recognise, too little to call. */
export function masked(number: string): string {
	const region = regionOf(number, "");
	const [, dial = ""] = DIALS.find(([of]) => of === region) ?? [];
	return `+${dial} ••• ${number.slice(-3)}`;
}

/** The region chosen last, or the one that the browser's language suggests. */
export function usualRegion(): string {
	const last = browser.recall("region");
	if (last !== null) return last;
	for (const tag of reportedLanguages()) {
		const region = new Intl.Locale(tag).maximize().region;
		if (region !== undefined && DIALS.some(([of]) => of === region)) return region;
	}
	return "US";
}

export function rememberRegion(region: string): void {
	browser.remember("region", region);
}

/** The main region of each code that several regions share. */
const MAIN: ReadonlySet<string> = new Set(["US", "GB", "AU", "RU", "IT", "NO", "MA", "FI", "GP", "CW", "RE", "SH"]);
