import type { ComponentChildren, Ref } from "preact";
import type { Icon } from "./icons";
import { note } from "./toasts";

interface RoundProps {
	/** The accessible name, constant in all states. */
	name: string;
	icon: Icon;
	onClick: () => void;
	pressed?: boolean;
	disabled?: boolean;
	/**
	 * Why it cannot be used now. It can still be focused and pressed, which then shows this text.
	 * An empty text is for a moment that needs no words.
	 */
	unable?: string | null;
	danger?: boolean;
	/** A further CSS class. */
	kind?: string;
	busy?: boolean;
	/** A number in the corner; the description says it, too. */
	badge?: number;
	description?: string;
	expanded?: boolean;
	buttonRef?: Ref<HTMLButtonElement>;
}

/** A round button over the picture. When `pressed` is false it looks struck out. */
export function RoundButton(props: RoundProps) {
	const { name, icon: Shown, pressed, danger, badge = 0 } = props;
	const unable = props.unable ?? null;
	const look = `round${props.kind === undefined ? "" : ` ${props.kind}`}${danger ? " danger" : ""}${pressed === false ? " off" : ""}`;
	return (
		<button
			type="button"
			class={look}
			ref={props.buttonRef ?? null}
			aria-label={name}
			aria-pressed={pressed}
			aria-expanded={props.expanded}
			aria-description={unable || props.description}
			aria-disabled={unable === null ? undefined : true}
			aria-busy={props.busy ? true : undefined}
			title={name}
			disabled={props.disabled ?? false}
			onClick={unable === null ? props.onClick : () => note(unable)}
		>
			<Shown />
			{badge > 0 && (
				<span class="badge" translate={false} aria-hidden="true">
					{badge > 99 ? "99+" : badge}
				</span>
			)}
		</button>
	);
}

interface ButtonProps {
	children: ComponentChildren;
	onClick?: () => void;
	icon?: Icon;
	kind?: "primary" | "quiet" | "danger" | "plain";
	submit?: boolean;
	large?: boolean;
	busy?: boolean;
	disabled?: boolean;
	description?: string;
}

export function Button({ children, icon: Shown, kind = "quiet", ...props }: ButtonProps) {
	return (
		<button
			type={props.submit ? "submit" : "button"}
			class={`button ${kind}${props.large ? " large" : ""}`}
			disabled={props.disabled ?? false}
			aria-busy={props.busy ? true : undefined}
			aria-description={props.description}
			onClick={props.onClick}
		>
			{Shown && <Shown />}
			<span>{children}</span>
		</button>
	);
}
