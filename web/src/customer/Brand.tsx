import { plain } from "../i18n/plain";
import { Logo } from "../ui/look/brand";
import { look } from "./page";

/** The business that this page belongs to. */
export function Brand() {
	const { business, brand } = look.value ?? {};
	return (
		<header class="brand">
			{brand?.logo === undefined ? <Eye /> : <Logo of={brand.logo} />}
			{business !== undefined && <span dir="auto">{plain(business)}</span>}
		</header>
	);
}

function Eye() {
	return (
		<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<rect width="32" height="32" rx="8" fill="#0f4c81" />
			<path
				d="M4 16c3-5.5 7-8 12-8s9 2.5 12 8c-3 5.5-7 8-12 8s-9-2.5-12-8z"
				fill="none"
				stroke="#fff"
				stroke-width="2.5"
				stroke-linejoin="round"
			/>
			<circle cx="16" cy="16" r="4" fill="#3cc8ff" />
		</svg>
	);
}
