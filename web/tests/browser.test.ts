import { expect, test } from "vitest";
import { browser, inApp, maybeInApp } from "../src/customer/browser";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko)";

test.each([
	["a bare web view", `${IPHONE} Mobile/15E148`, 5],
	["an app of its own name", `${IPHONE} Mobile/15E148 SomeBank/7.2`, 5],
	["an iPad's web view", MAC, 5],
	["a Mac's web view", MAC, 0],
	["an Android web view", `${ANDROID} Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36`, 5],
])("%s may be inside an app", (_, agent, touch) => {
	expect(maybeInApp(agent, touch)).toBe(true);
	expect(inApp(agent)).toBe(false);
});

test.each([
	["Safari on an iPhone", `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`, 5, "safari_ios"],
	["Chrome on an iPhone", `${IPHONE} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1`, 5, "other_ios"],
	["Firefox on an iPhone", `${IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15`, 5, "other_ios"],
	["Safari on an iPad", `${MAC} Version/18.5 Safari/605.1.15`, 5, "safari_ios"],
	["Safari on a Mac", `${MAC} Version/18.5 Safari/605.1.15`, 0, "safari_mac"],
	["Chrome on a Mac", `${MAC.replace("605.1.15", "537.36")} Chrome/126.0.0.0 Safari/537.36`, 0, "desktop"],
	["Chrome on Android", `${ANDROID} Chrome/126.0.0.0 Mobile Safari/537.36`, 5, "chrome_android"],
	["Samsung's browser", `${ANDROID} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`, 5, "samsung"],
	["Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", 5, "firefox_android"],
	["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", 0, "firefox"],
])("%s is a browser", (_, agent, touch, name) => {
	expect(maybeInApp(agent, touch)).toBe(false);
	expect(inApp(agent)).toBe(false);
	expect(browser(agent, touch)).toBe(name);
});
