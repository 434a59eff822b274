import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Logo } from "../ui/look/brand";
import { ADMIN_SCREENS, me, route, signOut } from "./console";
import { EMBEDDED, HOME } from "./entrance";
import { KeyIcon, ListIcon, PlusIcon, SettingsIcon, SignOutIcon } from "./icons";
import { Settings } from "./Settings";
import { w } from "./words";

/** The bar above every screen except a running call. */
export function Shell({ children }: { children: ComponentChildren }) {
	const settings = useSignal(false);
	const at = route.value.at;
	return (
		<div class="shell">
			<header class="bar">
				<a class="business" href={START}>
					<Mark />
					<span dir="auto">{me.value?.business}</span>
				</a>
				<nav>
					<a href={START} aria-label={w("new_call")} aria-current={at === "start" ? "page" : undefined}>
						<PlusIcon />
						<span>{w("new_call")}</span>
					</a>
					<a href="#calls" aria-label={w("calls")} aria-current={at === "calls" ? "page" : undefined}>
						<ListIcon />
						<span>{w("calls")}</span>
					</a>
					{me.value?.role === "admin" && (
						<a
							href="#figures"
							aria-label={w("admin")}
							aria-current={ADMIN_SCREENS.some((one) => one === at) ? "page" : undefined}
						>
							<KeyIcon />
							<span>{w("admin")}</span>
						</a>
					)}
				</nav>
				<div class="bar-end">
					<span class="who" dir="auto" title={w("signed_in_as", { agent: me.value?.name ?? "" })}>
						{me.value?.name}
					</span>
					<button
						type="button"
						class="bare"
						aria-label={w("settings")}
						title={w("settings")}
						onClick={() => (settings.value = true)}
					>
						<SettingsIcon />
					</button>
					{!EMBEDDED && (
						<button
							type="button"
							class="bare"
							aria-label={w("sign_out")}
							title={w("sign_out")}
							onClick={() => void signOut()}
						>
							<SignOutIcon />
						</button>
					)}
				</div>
			</header>
			<main>{children}</main>
			{settings.value && <Settings onClose={() => (settings.value = false)} />}
		</div>
	);
}

function Mark() {
	const logo = me.value?.brand?.logo;
	if (logo !== undefined) return <Logo of={logo} />;
	return <img src="/favicon.svg" alt="" width="32" height="32" />;
}

/** The form, reached without loading the page again. */
const START = `${HOME}#`;
