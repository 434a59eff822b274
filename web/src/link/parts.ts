// The parts of a call, as those that connect them see them.

import type { Refusal, Seat, SessionId } from "../wire/generated";
import type { Devices, Stop } from "./call";
import type { OwnMedia } from "./media/own-media";
import type { Peer } from "./media/peer";
import type { Sharing } from "./picture/open";
import type { Attachment } from "./server/attachment";
import type { Commands } from "./server/commands";
import type { History } from "./server/history";
import type { PageLifecycle } from "./server/page-lifecycle";
import type { Pump } from "./server/pump";
import type { CallSignals } from "./signals";
import type { World } from "./world";

export interface CallParts {
	readonly session: SessionId;
	readonly seat: Seat;
	readonly world: World;
	readonly devices: Devices;
	readonly signals: CallSignals;
	readonly attachment: Attachment;
	readonly history: History;
	readonly commands: Commands;
	readonly pump: Pump;
	readonly peer: Peer;
	readonly ownMedia: OwnMedia;
	readonly lifecycle: PageLifecycle;
	readonly sharing: Sharing;
	/** The log said so, or this page closed. */
	readonly isOver: boolean;
	/** The page cannot go on by itself. */
	halt(stop: Stop): void;
	/** Ends this page's hold; requests that are not answered get this answer. */
	close(unanswered: Refusal): void;
}
