import { later } from "../ui/later";
import { Loading } from "../ui/loading";
import type { AdminScreen } from "./console";

/** What admins alone see; loads when it is asked for. */
export function Admin({ at }: { at: AdminScreen }) {
	const Office = office.use();
	return Office === null ? <Loading /> : <Office at={at} />;
}

const office = later(() => import("./admin/Office").then(({ Office }) => Office));
