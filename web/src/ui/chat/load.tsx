import { later } from "../later";
import { Loading } from "../loading";
import type { ChatProps } from "./Panel";

const panel = later(() => import("./Panel").then(({ ChatPanel }) => ChatPanel));

export const preloadChat = panel.preload;

/** The open chat. It loads during the call, or when it is first opened. */
export function Chat(props: ChatProps) {
	const Panel = panel.use();
	if (Panel !== null) return <Panel {...props} />;
	return (
		<div class="chat">
			<div class="dim" />
			<section class="sheet">
				<Loading />
			</section>
		</div>
	);
}
