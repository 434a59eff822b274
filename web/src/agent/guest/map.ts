// Where an agent looks at a place.

/** The deployment's map at a place; null without one. */
export function mapOf(template: string, latitude: string, longitude: string): URL | null {
	try {
		const map = new URL(template.replaceAll("{lat}", latitude).replaceAll("{lon}", longitude));
		return map.protocol === "https:" ? map : null;
	} catch {
		return null;
	}
}
