import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { type ApiFailure, failureWords } from "../ui/refusals";

/** Says why something could not be loaded, and tries again. */
export function NotLoaded({ error, onAgain }: { error: ApiFailure; onAgain: () => void }) {
	return (
		<div class="card stack" role="alert">
			<p>{failureWords(error)}</p>
			<Button onClick={onAgain}>{t("try_again")}</Button>
		</div>
	);
}
