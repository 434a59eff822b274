import { later } from "../ui/later";
import { Loading } from "../ui/loading";

/** What admins alone see; loads when it is asked for. */
export function Admin() {
	const Keys = keys.use();
	return Keys === null ? <Loading /> : <Keys />;
}

const keys = later(() => import("./admin/Keys").then(({ Keys }) => Keys));
