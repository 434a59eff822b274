import { useEffect } from "preact/hooks";
import { later } from "../ui/later";
import { Loading } from "../ui/loading";
import { Toasts } from "../ui/toasts";
import { Admin } from "./Admin";
import { Afterwards } from "./Afterwards";
import { CallView } from "./CallView";
import { Calls } from "./calls/Calls";
import { type AdminScreen, call, me, route, signIn } from "./console";
import { EMBEDDED } from "./entrance";
import { Shell } from "./Shell";
import { listed } from "./shortcuts/wish";
import { SignIn } from "./SignIn";
import { StartCall } from "./StartCall";

export function App() {
	const business = me.value?.business;
	useEffect(() => {
		if (business !== undefined) document.title = `${business} · Sightline`;
	}, [business]);
	return (
		<>
			<Current />
			{listed.value && <AllKeys />}
			<Toasts />
		</>
	);
}

function AllKeys() {
	const List = keyList.use();
	return List === null ? null : <List onClose={() => (listed.value = false)} />;
}

function SignedOutInFrame() {
	const Why = unheld.use();
	return Why === null ? <Starting /> : <Why />;
}

function Current() {
	if (signIn.value === "unknown") return <Starting />;
	if (signIn.value !== "in") return EMBEDDED ? <SignedOutInFrame /> : <SignIn />;
	const is = route.value;
	if (is.at === "call") return call.value === null ? <Starting /> : <CallView key={is.session} call={call.value} />;
	return <Shell>{is.at === "detail" ? <Afterwards session={is.session} /> : <Desk at={is.at} />}</Shell>;
}

function Desk({ at }: { at: "start" | "calls" | AdminScreen }) {
	if (at === "start") return <StartCall />;
	return at === "calls" ? <Calls /> : <Admin at={at} />;
}

/** The outline of the desk, until the page knows who works here. */
function Starting() {
	return (
		<main class="shell">
			<div class="bar" aria-hidden="true">
				<div class="bone" />
			</div>
			<div class="page">
				<div class="card starting">
					<Loading />
				</div>
			</div>
		</main>
	);
}

const unheld = later(() => import("./embed/Unheld").then(({ Unheld }) => Unheld));
const keyList = later(() => import("./shortcuts/KeyList").then(({ KeyList }) => KeyList));
