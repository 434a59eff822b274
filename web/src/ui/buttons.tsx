import type { ComponentChildren, Ref } from "preact";
import type { Icon } from "./icons";

interface RoundProps {
	/** The whole accessible name, the same in all states. */
	name: string;
	icon: Icon;
	onClick: () => void;
	pressed?: boolean;
	disabled?: boolean;
	danger?: boolean;
	/** A number in the corner, told in the description. */
	badge?: number;
	description?: string;
	expanded?: boolean;
	buttonRef?: Ref<HTMLButtonElement>;
}

/** A round button over the picture. `pressed` false shows the struck-out look of "off". */
export function RoundButton(props: RoundProps) {
	const { name, icon: Icon, pressed, danger, badge = 0 } = props;
	const look = `round${danger ? " danger" : ""}${pressed === false ? " off" : ""}`;
	return (
		<button
			type="button"
			class={look}
			ref={props.buttonRef ?? null}
			aria-label={name}
			aria-pressed={pressed}
			aria-expanded={props.expanded}
			aria-description={props.description}
			title={name}
			disabled={props.disabled ?? false}
			onClick={props.onClick}
		>
			<Icon />
			{badge > 0 && (
				<span class="badge" aria-hidden="true">
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

export function Button({ children, icon: Icon, kind = "quiet", ...props }: ButtonProps) {
	return (
		<button
			type={props.submit ? "submit" : "button"}
			class={`button ${kind}${props.large ? " large" : ""}`}
			disabled={props.disabled ?? false}
			aria-busy={props.busy ? true : undefined}
			aria-description={props.description}
			onClick={props.onClick}
		>
			{Icon && <Icon />}
			<span>{children}</span>
		</button>
	);
}
