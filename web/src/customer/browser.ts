// Guesses the browser from its user agent: the steps that unblock a camera differ.

export type Browser =
	| "chrome_android"
	| "samsung"
	| "firefox_android"
	| "safari_ios"
	| "other_ios"
	| "safari_mac"
	| "firefox"
	| "desktop";

export function browser(agent: string, touchPoints: number): Browser {
	if (isIos(agent, touchPoints)) return /CriOS|FxiOS|EdgiOS|OPT\//.test(agent) ? "other_ios" : "safari_ios";
	if (/SamsungBrowser/.test(agent)) return "samsung";
	if (/Android/.test(agent)) return /Firefox/.test(agent) ? "firefox_android" : "chrome_android";
	if (/Firefox/.test(agent)) return "firefox";
	return /Macintosh/.test(agent) && /Safari/.test(agent) && !/Chrom/.test(agent) ? "safari_mac" : "desktop";
}

/** Whether the page runs inside another app. Most of those give web pages no camera. */
export function inApp(agent: string): boolean {
	return IN_APP.test(agent) || (/Android/.test(agent) && /; wv\)/.test(agent));
}

/**
 * Whether the page probably runs inside an app that is on no list: the browsers of a system name
 * themselves, its bare web views do not. Not every one lacks the camera.
 */
export function maybeInApp(agent: string, touchPoints: number): boolean {
	const apple = isIos(agent, touchPoints) || /Macintosh/.test(agent);
	if (apple) return /AppleWebKit/.test(agent) && !/Safari\/|CriOS|FxiOS|EdgiOS|OPT\/|Chrom/.test(agent);
	return /Android/.test(agent) && /Version\/\d[\d.]* Chrome\//.test(agent);
}

/** The browser to open the link in. */
export function properBrowser(agent: string, touchPoints: number): "Safari" | "Chrome" {
	return isIos(agent, touchPoints) || /Macintosh/.test(agent) ? "Safari" : "Chrome";
}

// An iPad claims to be a Macintosh; only its touch screen gives it away.
function isIos(agent: string, touchPoints: number): boolean {
	return /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1);
}

const IN_APP =
	/FBA[NV]|FB_IAB|Instagram|\bLine\/|MicroMessenger|Messenger|TikTok|musical_ly|Bytedance|Snapchat|LinkedInApp|Pinterest|Twitter for/;
