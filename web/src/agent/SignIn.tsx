import { t } from "../i18n";
import { Button } from "../ui/buttons";
import { Loading } from "../ui/loading";
import { keepsCookies } from "../ui/remember";
import { boot, entrance, rememberBack, signIn, unfinishedSignIn } from "./console";
import { w } from "./words";

/** Says how to sign in. */
export function SignIn() {
	const at = signIn.value;
	if (at === "out" && entrance.value === null) {
		return (
			<main class="plain-page">
				<Loading />
			</main>
		);
	}
	return (
		<main class="plain-page">
			<div class="card narrow">
				<h1>{w("sign_in")}</h1>
				{!keepsCookies() && (
					<p class="hint warn" role="alert">
						{w("cookies_off")}
					</p>
				)}
				<HowTo />
			</div>
		</main>
	);
}

function HowTo() {
	const at = signIn.value;
	if (at === "offline" || at === "trouble") return <Offline />;
	return at === "out" && entrance.value === "provider" ? <AtProvider /> : <ByLink />;
}

function Offline() {
	return (
		<>
			<p role="alert">{t(signIn.value === "trouble" ? "refusal_trouble" : "network")}</p>
			<Button kind="primary" large onClick={() => void boot()}>
				{t("try_again")}
			</Button>
		</>
	);
}

function AtProvider() {
	const ended = unfinishedSignIn.value;
	return (
		<>
			{ended !== null && (
				<p class={ended === "cancelled" ? "hint" : "hint warn"} role="alert">
					{w(`sign_in_${ended}`)}
				</p>
			)}
			<p>{w("sign_in_provider")}</p>
			<a class="button primary large" href="/api/sign-in" onClick={rememberBack}>
				{w("sign_in")}
			</a>
		</>
	);
}

function ByLink() {
	return (
		<>
			{signIn.value === "spent" && (
				<p class="hint warn" role="alert">
					{w("sign_in_spent")}
				</p>
			)}
			<p>{w("sign_in_more")}</p>
			<p>{w("sign_in_again")}</p>
			<code dir="ltr">sightline sign-in-link</code>
		</>
	);
}
