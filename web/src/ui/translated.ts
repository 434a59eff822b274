// Keeps words alive on a page that the browser translates.
//
// A translator puts a `<font>` with other words in the place of each text node. Preact goes on
// writing into the node that it made, which nobody sees any more. So the node goes back into the
// page beside its translation, empty. What Preact writes into it then removes the translation, and
// the translator finds new text to translate.

/** What stands for a text node, and the words that the node had. */
interface Translation {
	by: Element;
	words: string;
}

/** Watches `root` from now on. */
export function keepWords(root: Node): void {
	const translations = new Map<Node, Translation>();
	const observer = new MutationObserver((records) => {
		for (const record of records) {
			if (record.type === "characterData") drop(translations, record.target);
			for (const node of record.removedNodes) removed(translations, node, record);
		}
	});
	observer.observe(root, { childList: true, characterData: true, subtree: true });
}

function removed(translations: Map<Node, Translation>, node: Node, record: MutationRecord): void {
	forget(translations);
	if (node.nodeType !== Node.TEXT_NODE || node.isConnected) return;
	const around = isTranslation(record.target) ? [] : [record.previousSibling, record.nextSibling];
	const by = [...record.addedNodes, ...around].find(isTranslation);
	const known = translations.get(node);
	if (by === undefined || by === known?.by) {
		// Preact removed it.
		drop(translations, node);
	} else if (known === undefined) {
		translations.set(node, { by, words: node.nodeValue ?? "" });
		node.nodeValue = "";
		by.after(node);
	} else {
		// Even the empty node was translated.
		by.append(node);
	}
}

/** Forgets what left the page, and what the translator took back ("show the original"). */
function forget(translations: Map<Node, Translation>): void {
	for (const [node, { by, words }] of translations) {
		if (by.isConnected) continue;
		translations.delete(node);
		if (node.isConnected) node.nodeValue ||= words;
	}
}

function drop(translations: Map<Node, Translation>, node: Node): void {
	const found = translations.get(node);
	translations.delete(node);
	found?.by.remove();
}

/** Translators wrap what they translate in it; our pages have no such element. */
function isTranslation(node: Node | null): node is Element {
	return node instanceof Element && node.localName === "font" && node.isConnected;
}
