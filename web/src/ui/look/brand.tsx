// The colour and the logo of the business, on both pages.

import type { Brand, LogoMark } from "../../wire/generated";

/**
 * Gives roles of the style sheet the shades of the business's colour. The build writes light-dark()
 * with these two variables, of which one is empty, for browsers before 2024.
 */
export function paint(brand?: Brand): void {
	for (const [role, [light, dark]] of Object.entries(brand?.shades ?? {})) {
		const both = `var(--lightningcss-light,${light})var(--lightningcss-dark,${dark})`;
		document.documentElement.style.setProperty(`--${role}`, both);
	}
}

/** The name of the business stands beside it. Its place has its size before it has come. */
export function Logo({ of }: { of: LogoMark }) {
	return <img class="logo" src={`/api/logo?v=${of.digest}`} alt="" width={of.width} height={of.height} />;
}
