import { expect, test } from "vitest";
import { arrivalOf, browserKind, systemKind } from "../src/customer/arrival";

// As browsers sent them: most stand in the test data of uap-core and ua-parser-js (2026).
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPAD = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC_CHROMIUM = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)";
const VIEW =
	"Mozilla/5.0 (Linux; Android 13; CPH2531 Build/SP1A.210812.016; wv) AppleWebKit/537.36 (KHTML, like Gecko)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)";
const VIEW_OF = "Version/4.0 Chrome/123.0.6312.120 Mobile Safari/537.36";

test.each([
	["safari iphone", `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1`],
	["safari iphone", `${IPHONE} Version/26.0 Mobile/15E148 Safari/604.1`],
	["safari iphone", `${IPHONE} Version/15.6,2 Mobile/15E148 Safari/604.1`],
	["safari ipad", `${IPAD} Version/18.6 Mobile/15E148 Safari/604.1`],
	["safari mac", `${MAC} Version/26.0 Safari/605.1.15`],
	["chrome iphone", `${IPHONE} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1`],
	["chrome ipad", `${IPAD} CriOS/138.0.7204.119 Mobile/15E148 Safari/604.1`],
	["chrome ipad", `${MAC} CriOS/102 Version/11.1.1 Safari/605.1.15`],
	["chrome android", `${ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36`],
	["chrome android", `${ANDROID} Chrome/138.0.0.0 Safari/537.36`],
	["chrome windows", `${WINDOWS} Chrome/140.0.0.0 Safari/537.36`],
	["chrome mac", `${MAC_CHROMIUM} Chrome/140.0.0.0 Safari/537.36`],
	["chrome linux", `${LINUX} Chrome/140.0.0.0 Safari/537.36`],
	["chrome linux", `${LINUX.replace("Linux x86_64", "CrOS x86_64 14541.0.0")} Chrome/111.0.0.0 Safari/537.36`],
	["firefox iphone", `${IPHONE} FxiOS/128.0 Mobile/15E148 Safari/605.1.15`],
	["firefox ipad", `${IPAD} FxiOS/128.0 Mobile/15E148 Safari/605.1.15`],
	["firefox ipad", `${MAC} FxiOS/128.0 Safari/605.1.15`],
	["firefox android", "Mozilla/5.0 (Android 14; Mobile; rv:141.0) Gecko/141.0 Firefox/141.0"],
	["firefox android", "Mozilla/5.0 (Android 13; Mobile; SM-G9900; rv:105.0) Gecko/105.0 Firefox/105.0"],
	["firefox windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"],
	["firefox mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:141.0) Gecko/20100101 Firefox/141.0"],
	["firefox linux", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"],
	["edge iphone", `${IPHONE} Version/18.0 EdgiOS/138.0.3351.109 Mobile/15E148 Safari/604.1`],
	["edge ipad", `${MAC} EdgiOS/108 Version/13.0.3 Safari/605.1.15`],
	["edge android", `${ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36 EdgA/138.0.0.0`],
	["edge windows", `${WINDOWS} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`],
	["edge mac", `${MAC_CHROMIUM} Chrome/100.0.1108.55 Safari/537.36 Edg/100.0.1108.55`],
	["samsung android", `${ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
	["samsung android", `${LINUX} SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36`],
	["opera android", `${ANDROID} Chrome/137.0.0.0 Mobile Safari/537.36 OPR/90.0.0.0`],
	["opera android", "Opera/9.80 (Android; Opera Mini/7.6.35766/35.5706; U; en) Presto/2.8.119 Version/11.10"],
	["opera android", `${ANDROID} Chrome/145.0.7632.79 Safari/537.36 OPT/2.9`],
	["opera iphone", `${IPHONE} OPiOS/16.0.15.124050 Mobile/15E148 Safari/9537.53`],
	["opera iphone", `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1 OPT/5.4.0`],
	["opera windows", `${WINDOWS} Chrome/138.0.0.0 Safari/537.36 OPR/122.0.0.0`],
	["in_app android", `${VIEW} ${VIEW_OF} [FB_IAB/FB4A;FBAV/450.0.0.48.273;]`],
	["in_app iphone", `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone10,2;FBMD/iPhone;FBSN/iOS;FBSV/18.6;FBSS/3]`],
	["in_app iphone", `${IPHONE} Mobile/15E148 Instagram 142.0.0.22.109 (iPhone12,5; iOS 14_1; en_US; en-US)`],
	["in_app iphone", `${IPHONE} Mobile/15E148 Safari Line/13.0.1`],
	["in_app android", `${VIEW} ${VIEW_OF} Line/13.1.0/IAB`],
	["in_app iphone", `${IPHONE} Mobile/15E148 MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN`],
	["in_app windows", `${WINDOWS} Chrome/126.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781 XWEB/14315`],
	["in_app android", `${VIEW} ${VIEW_OF} musical_ly_2022704050 JsSdk/1.0 AppName/musical_ly BytedanceWebview/d8a21c6`],
	["in_app iphone", `${IPHONE} Version/16.0 Mobile/15E148 Snapchat/12.33.0.36 (like Safari/8614.1.25.0.31, panda)`],
	["in_app ipad", `${IPAD} Mobile/19H12 Twitter for iPhone/10.34`],
	["in_app android", `${VIEW} ${VIEW_OF} TwitterAndroid`],
	["in_app iphone", `${IPHONE} GSA/380.0.780268217 Mobile/15E148 Safari/604.1`],
	["in_app iphone", `${IPHONE} Mobile/15E148 Safari/604.1 KAKAOTALK/11.3.1 (INAPP)`],
	[
		"in_app android",
		`${ANDROID} Chrome/144.0.7559.109 Safari/537.36 Telegram-Android/12.3.1 (Samsung SM-X115; SDK 36)`,
	],
	["in_app mac", `${MAC_CHROMIUM} Slack/4.39.90 Chrome/127.0.6533.72 Electron/13.1.9 Safari/537.36`],
	["other iphone", `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1 Ddg/18.6`],
	["other android", `${ANDROID} Version/4.0 Chrome/87.0.4280.141 Mobile DuckDuckGo/5 Safari/537.36`],
	["other windows", `${WINDOWS} Chrome/138.0.0.0 Safari/537.36 Vivaldi/7.5.3735.44`],
	["other iphone", `${IPHONE} Mobile/15E148 Safari/604.1 Brave`],
	["other android", `${ANDROID} Version/4.0 Chrome/89.0.4389.116 Mobile Safari/537.36 XiaoMi/MiuiBrowser/12.20.3-gn`],
	["other windows", `${WINDOWS} Chrome/118.0.5993.771 YaBrowser/23.11.2.771 Yowser/2.5 Safari/537.36`],
	["other windows", `${WINDOWS} Chrome/86.0.4240.198 Safari/537.36 QIHU 360SE`],
	["other android", `${ANDROID} Chrome/101.0.4951.41 Mobile Safari/537.36 (Ecosia android@101.0.4951.41)`],
	["other linux", "Mozilla/5.0 (X11; Linux x86_64; rv:97.0) Gecko/20100101 Firefox/97.0 LibreWolf/97.0.1"],
	["other other", "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5"],
	["firefox other", "Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0"],
	["other other", ""],
])("%s: %s", (kinds, agent) => {
	expect(`${browserKind(agent, 0)} ${systemKind(agent, 0)}`).toBe(kinds);
});

test("an iPad that claims to be a Macintosh has a touch screen", () => {
	const agent = `${MAC} Version/18.6 Safari/605.1.15`;
	expect([systemKind(agent, 0), systemKind(agent, 5)]).toEqual(["mac", "ipad"]);
	expect(browserKind(agent, 5)).toBe("safari");
});

test("a page tells families and its language, and nothing else", () => {
	const agent = `${ANDROID} Chrome/138.0.0.0 Mobile Safari/537.36`;
	expect(arrivalOf(agent, 5, "pt")).toEqual({ browser: "chrome", system: "android", language: "pt" });
});
