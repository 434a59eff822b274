import { useEffect } from "preact/hooks";
import type { Call } from "../link/call";
import { usePictureNotices } from "../ui/picture-notices";
import { LivePointer } from "../ui/pointer";
import { keepAwake } from "../ui/wake";

export { Guest } from "./guest/Guest";
export { markOwn } from "../ui/picture-notices";

interface AlongsideProps {
	call: Call;
	agent: string;
	/** The chat is open. */
	reading: boolean;
	preview: HTMLVideoElement | null;
}

/** What comes with a call and is not needed for its sound and picture: it loads after them. */
export function Alongside({ call, agent, reading, preview }: AlongsideProps) {
	useEffect(keepAwake, []);
	usePictureNotices(call, agent, reading);
	return <LivePointer call={call} video={preview} name={agent} />;
}
