import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { boot, signIn } from "./console";
import { w } from "./words";

/** Nobody is signed in: where the link comes from. */
export function SignIn() {
	const offline = signIn.value === "offline";
	return (
		<main class="plain-page">
			<div class="card narrow">
				<h1>{w("sign_in")}</h1>
				{signIn.value === "spent" && (
					<p class="hint warn" role="alert">
						{w("sign_in_spent")}
					</p>
				)}
				{offline ? (
					<>
						<p role="alert">{t("network")}</p>
						<Button kind="primary" large onClick={() => void boot()}>
							{t("try_again")}
						</Button>
					</>
				) : (
					<>
						<p>{w("sign_in_more")}</p>
						<p>{w("sign_in_again")}</p>
						<code>sightline sign-in-link</code>
					</>
				)}
			</div>
		</main>
	);
}
