import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { Message } from "./Message";
import { Steps } from "./Steps";

/** The browser keeps no cookie, and without one nobody has a seat: says how to allow it. */
export function NoCookies() {
	return (
		<Message title={t("no_cookies")} text={t("no_cookies_more")} trouble>
			<Steps of="no_cookies_steps" />
			<Button kind="primary" large onClick={() => location.reload()}>
				{t("try_again")}
			</Button>
		</Message>
	);
}
