// Tasks of their own: between two of them the browser answers presses and paints.

const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

/**
 * Resolves in the next task; several in the order of their calls. Timers would be slower, and
 * slow in a page that is not seen.
 */
export function nextTask(): Promise<void> {
	return new Promise((resolve) => {
		waiting.push(resolve);
		channel ??= opened();
		channel.port2.postMessage(null);
	});
}

function opened(): MessageChannel {
	const made = new MessageChannel();
	made.port1.onmessage = () => waiting.shift()?.();
	return made;
}
