import { note } from "./toasts";

/**
 * Copies a text and says so. Called from a press. Returns false where the browser forbids it: the
 * text has to be selected by hand then.
 */
export async function copyText(text: string, done: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		return false;
	}
	note(done);
	return true;
}
