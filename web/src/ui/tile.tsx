import "../i18n/en-live";
import { t } from "../i18n";
import { plain } from "../i18n/plain";
import type { Call } from "../link/call";
import { MicrophoneOffIcon } from "./call-icons";
import type { Player } from "./player";
import { opposite } from "../wire/seats";
import { RemoteVideo } from "./video";

/** The other person with name and mute icon: a small tile, or large on the stage. */
export function Other({
	call,
	player,
	large,
	...props
}: {
	call: Call;
	player: Player;
	name: string;
	large?: boolean;
}) {
	const name = plain(props.name);
	const other = call.view.value.seats[opposite(call.seat)];
	const shown = call.remotePicture.value && (other.camera || !other.joined);
	const muted = other.joined && !other.microphone && !other.video_only;
	return (
		<div class={large ? "other-large" : "tile"}>
			<RemoteVideo player={player} name={name} shown={shown} />
			<div class="tag">
				{muted && (
					<span role="img" aria-label={t("microphone_off_of", { name })}>
						<MicrophoneOffIcon />
					</span>
				)}
				<span class="name" dir="auto">
					{name}
				</span>
			</div>
		</div>
	);
}

export function TapToHear({ player }: { player: Player }) {
	if (!player.blocked.value) return null;
	return (
		<button type="button" class="button primary tap-to-hear" onClick={() => player.hear()}>
			{t("tap_to_hear")}
		</button>
	);
}
