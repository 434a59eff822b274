import { useSignal } from "@preact/signals";
import { t } from "../../../i18n";
import { exportPath, whenMade } from "../../../link/server/case-file";
import { Button } from "../../../ui/buttons";
import { toast } from "../../../ui/toasts";
import { EXPORT_CALLS_MAX, type ExportFormat } from "../../../wire/generated";
import { newRequest } from "../../request";
import { useThere } from "../../there";
import { a } from "../words";
import type { Period } from "./period";

const FORMATS: readonly ExportFormat[] = ["csv", "json"];

/**
 * Waits until the file is made, then leaves the download to the browser. Needs the period as its
 * key: the file of an earlier choice is nobody's wish any more.
 */
export function Export({ period: { from, to } }: { period: Period }) {
	const making = useSignal<ExportFormat | null>(null);
	const there = useThere();
	const download = async (format: ExportFormat): Promise<void> => {
		if (making.peek() !== null) return;
		making.value = format;
		const path = exportPath({ from, to, format, file: newRequest() });
		const found = await whenMade(path, () => there.current);
		making.value = null;
		if (!there.current) return;
		if (found === "ready") location.assign(path);
		else toast(found === "refused" ? a("export_too_many", { n: EXPORT_CALLS_MAX }) : t("refusal_trouble"));
	};
	return (
		<>
			{FORMATS.map((format) => (
				<Button
					key={format}
					busy={making.value === format}
					// Two files at once: browsers may give up the first.
					disabled={making.value !== null && making.value !== format}
					onClick={() => void download(format)}
				>
					{a(`export_${format}`)}
				</Button>
			))}
			{making.value !== null && (
				<p class="hint" role="status">
					{a("export_making")}
				</p>
			)}
		</>
	);
}
