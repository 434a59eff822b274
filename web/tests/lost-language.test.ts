import { expect, test, vi } from "vitest";
import { LANGUAGES, speak, t } from "../src/i18n";

test("a lost language is English until it comes by itself, unless another one was asked for", async () => {
	vi.useFakeTimers();
	vi.stubGlobal("document", { documentElement: {} });
	const german = await LANGUAGES.de?.();
	const english = t("join");
	const load = vi.spyOn(LANGUAGES as { de: () => Promise<unknown> }, "de");
	load.mockRejectedValueOnce(new Error("lost")).mockRejectedValueOnce(new Error("lost")).mockResolvedValue(german);
	await speak(["de", "fr"]);
	expect(t("join")).toBe(english);
	await vi.advanceTimersByTimeAsync(4_000);
	expect(t("join")).toBe(english);
	await vi.advanceTimersByTimeAsync(4_000);
	expect(t("join")).toBe(german?.join);

	load.mockReset().mockRejectedValueOnce(new Error("lost")).mockResolvedValue(german);
	await speak(["de"]);
	await speak(["fr"]);
	const french = t("join");
	await vi.advanceTimersByTimeAsync(20_000);
	expect(t("join")).toBe(french);
	expect(load).toHaveBeenCalledTimes(1);
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

test("of two languages the last one asked for is spoken, whichever comes first", async () => {
	vi.stubGlobal("document", { documentElement: {} });
	const [german, french] = await Promise.all([LANGUAGES.de?.(), LANGUAGES.fr?.()]);
	let come = (): void => undefined;
	const slow = new Promise((resolve) => {
		come = () => resolve(german);
	});
	vi.spyOn(LANGUAGES as { de: () => Promise<unknown> }, "de").mockReturnValue(slow);
	const first = speak(["de"]);
	await speak(["fr"]);
	come();
	await first;
	expect(t("join")).toBe(french?.join);
	// A tag that names what every object has is no language.
	await speak(["constructor"]);
	expect(document.documentElement.lang).toBe("en");
	vi.unstubAllGlobals();
});
