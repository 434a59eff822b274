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
