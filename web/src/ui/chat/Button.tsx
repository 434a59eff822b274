import { t } from "../../i18n";
import { RoundButton } from "../buttons";
import { ChatIcon } from "../call-icons";
import type { ChatState } from "./unread";

interface ChatButtonProps {
	chat: ChatState;
	buttonRef: { current: HTMLButtonElement | null };
	onClick: () => void;
}

/** Opens the chat, and counts what was not read. */
export function ChatButton({ chat, buttonRef, onClick }: ChatButtonProps) {
	return (
		<RoundButton
			name={t("chat")}
			icon={ChatIcon}
			badge={chat.unread}
			{...(chat.unread > 0 ? { description: t("chat_unread", { n: chat.unread }) } : {})}
			expanded={chat.open.value}
			buttonRef={buttonRef}
			onClick={onClick}
		/>
	);
}
