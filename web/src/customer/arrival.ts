// The families of browser and system that the customer joins with. Nothing finer leaves the page.

import type { Arrival, BrowserKind, SystemKind } from "../wire/generated";
import { inApp, maybeInApp } from "./browser";

/** What the page tells of itself when the customer joins. */
export function arrivalOf(agent: string, touchPoints: number, language: string): Arrival {
	return { browser: browserKind(agent, touchPoints), system: systemKind(agent, touchPoints), language };
}

export function browserKind(agent: string, touchPoints: number): BrowserKind {
	const named = NAMED.find(([, name]) => name.test(agent));
	if (named !== undefined) return named[0];
	if (inApp(agent) || maybeInApp(agent, touchPoints) || IN_APP.test(agent)) return "in_app";
	// The comments of every browser are its system, and "KHTML, like Gecko" where WebKit is in it.
	const words = agent
		.replace(/ \([^()]*(\([^()]*\)[^()]*)*\)/, "")
		.replace(" (KHTML, like Gecko)", "")
		.trim()
		.split(/\s+/);
	const products = new Set(words.map((word) => word.split("/", 1)[0] ?? ""));
	const plain = PLAIN.find(
		([, sign, others]) => products.has(sign) && [...products].every((one) => one === sign || others.has(one)),
	);
	return plain?.[0] ?? "other";
}

export function systemKind(agent: string, touchPoints: number): SystemKind {
	return SYSTEMS.find(([, sign]) => sign(agent, touchPoints))?.[0] ?? "other";
}

/**
 * Browsers whose name tells, whatever else stands beside it. The first are of no family here;
 * on Android some of them say all that a view in an app says.
 */
const NAMED: readonly (readonly [BrowserKind, RegExp])[] = [
	["other", /\b(?:DuckDuckGo|Ddg|Focus|Klar|(?!Samsung)\w*Browser)\/v?\d/i],
	["edge", /\bEdg(?:e|A|iOS|W)?\//],
	["samsung", /\bSamsungBrowser\//],
	["opera", /\bOP(?:R|T|X|iOS|RGX)\/|\bOpera\b/],
];

/** Further apps that show pages in their own view. */
const IN_APP =
	/\bGSA\/|Electron\/|Telegram-|KAKAOTALK|NAVER\(|DingTalk|Alipay|WeiBo|baiduboxapp|\bQQ\/|Barcelona|Reddit\/|WhatsApp/i;

/**
 * Browsers whose words many others use: only one that adds no name of its own is meant. The word
 * that tells, and what else the browser says.
 */
const PLAIN: readonly (readonly [BrowserKind, string, ReadonlySet<string>])[] = [
	["firefox", "Firefox", new Set(["Mozilla", "Gecko"])],
	["firefox", "FxiOS", new Set(["Mozilla", "AppleWebKit", "Mobile", "Safari", "Version"])],
	["chrome", "CriOS", new Set(["Mozilla", "AppleWebKit", "Mobile", "Safari", "Version"])],
	["chrome", "Chrome", new Set(["Mozilla", "AppleWebKit", "Mobile", "Safari"])],
	["safari", "Version", new Set(["Mozilla", "AppleWebKit", "Mobile", "Safari"])],
];

/**
 * In this order: an app on an iPad may name an iPhone, an iPad says that it is a Macintosh, and
 * Android that it is Linux.
 */
const SYSTEMS: readonly (readonly [SystemKind, (agent: string, touchPoints: number) => boolean])[] = [
	["other", (agent) => /Windows Phone|Tizen|Web0S|KAIOS|OpenHarmony/.test(agent)],
	["ipad", isIpad],
	["iphone", (agent) => /iPhone|iPod/.test(agent)],
	// Both ask for pages of desktops now and then, and name another system then.
	["android", (agent) => /Android|SamsungBrowser/.test(agent)],
	["windows", (agent) => /Windows NT/.test(agent)],
	["mac", (agent) => /Macintosh/.test(agent)],
	["linux", (agent) => /Linux|CrOS/.test(agent)],
];

/** Its browsers ask for pages of desktops, as a Macintosh that has a touch screen. */
function isIpad(agent: string, touchPoints: number): boolean {
	return /iPad/.test(agent) || (/Macintosh/.test(agent) && (touchPoints > 1 || /\b(?:Cr|Fx|Edg)iOS\//.test(agent)));
}
