import { later } from "../ui/later";
import { Loading } from "../ui/loading";
import type { SessionId } from "../wire/generated";

/** What a call left behind; loads when it is asked for. */
export function Afterwards({ session }: { session: SessionId }) {
	const Detail = detail.use();
	return Detail === null ? <Loading /> : <Detail key={session} session={session} />;
}

const detail = later(() => import("./detail/Detail").then(({ Detail }) => Detail));
