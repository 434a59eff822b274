import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Button } from "../../ui/buttons";
import { Loading } from "../../ui/loading";
import type { ApiFailure } from "../../ui/refusals";
import { note } from "../../ui/toasts";
import type { AgentLine } from "../../wire/generated";
import { signedOut } from "../console";
import { NotLoaded } from "../NotLoaded";
import { date, dateTime, iso } from "../times";
import { Turns } from "../turns";
import * as api from "./agents-api";
import { AskDialog } from "./AskDialog";
import { a } from "./words";

/** Who signs in here, since when they were not seen, and whose access was taken back. */
export function Agents() {
	const found = useSignal<readonly AgentLine[] | null>(null);
	const failed = useSignal<ApiFailure | null>(null);
	const revoking = useSignal<AgentLine | null>(null);
	const turns = useMemo(() => new Turns(), []);
	const load = async (): Promise<void> => {
		const isNewest = turns.begin();
		failed.value = null;
		const answer = await api.agents();
		if (!isNewest()) return;
		if (answer.ok) found.value = answer.value.agents;
		else if (!signedOut(answer.error)) failed.value = answer.error;
	};
	const allow = async ({ id, name }: AgentLine): Promise<void> => {
		const answer = await api.setAccess(id, { allowed: true });
		if (answer.ok) note(a("agent_allowed", { name }));
		else if (!signedOut(answer.error)) failed.value = answer.error;
		if (answer.ok) await load();
	};
	useEffect(() => void load(), []);
	const agents = found.value;
	return (
		<>
			<h1>{a("agents")}</h1>
			<p class="keys-more">{a("agents_more")}</p>
			{failed.value !== null && <NotLoaded error={failed.value} onAgain={() => void load()} />}
			{agents === null && failed.value === null && <Loading />}
			{agents !== null && agents.length > 0 && (
				<AgentTable
					agents={agents}
					onRevoke={(agent) => (revoking.value = agent)}
					onAllow={(agent) => void allow(agent)}
				/>
			)}
			{revoking.value !== null && (
				<RevokeAccess
					of={revoking.value}
					onClose={() => (revoking.value = null)}
					onRevoked={() => {
						revoking.value = null;
						void load();
					}}
				/>
			)}
		</>
	);
}

interface TableProps {
	agents: readonly AgentLine[];
	onRevoke: (agent: AgentLine) => void;
	onAllow: (agent: AgentLine) => void;
}

function AgentTable({ agents, onRevoke, onAllow }: TableProps) {
	return (
		<div class="card keys-frame">
			<table class="keys">
				<thead>
					<tr>
						{(["name", "role", "seen", "access", "calls"] as const).map((column) => (
							<th key={column} scope="col">
								{a(`column_${column}`)}
							</th>
						))}
						<td />
					</tr>
				</thead>
				<tbody>
					{agents.map((agent) => (
						<Line key={agent.id} of={agent} onRevoke={() => onRevoke(agent)} onAllow={() => onAllow(agent)} />
					))}
				</tbody>
			</table>
		</div>
	);
}

function Line({ of: agent, onRevoke, onAllow }: { of: AgentLine; onRevoke: () => void; onAllow: () => void }) {
	const { id, name, role, seen_at_ms, revoked_at_ms, own } = agent;
	const revoked = revoked_at_ms !== undefined;
	return (
		<tr>
			<th scope="row" dir="auto">
				{name}
			</th>
			<td data-column={a("column_role")}>{a(`role_${role}`)}</td>
			<td data-column={a("column_seen")}>
				<time dateTime={iso(seen_at_ms)}>{dateTime(seen_at_ms)}</time>
			</td>
			<td data-column={a("column_access")}>
				{revoked ? a("access_revoked", { date: date(revoked_at_ms) }) : a("access_allowed")}
			</td>
			<td data-column={a("column_calls")}>
				<a href={`#calls?agent=${encodeURIComponent(id)}`} aria-label={a("agent_calls_of", { name })}>
					{a("agent_calls")}
				</a>
			</td>
			<td>{own ? a("agent_own") : <Access name={name} revoked={revoked} onRevoke={onRevoke} onAllow={onAllow} />}</td>
		</tr>
	);
}

interface AccessProps {
	name: string;
	revoked: boolean;
	onRevoke: () => void;
	onAllow: () => void;
}

function Access({ name, revoked, onRevoke, onAllow }: AccessProps) {
	return revoked ? (
		<Button description={a("agent_allow_named", { name })} onClick={onAllow}>
			{a("agent_allow")}
		</Button>
	) : (
		<Button description={a("key_revoke_named", { name })} onClick={onRevoke}>
			{a("key_revoke")}
		</Button>
	);
}

interface RevokeProps {
	of: AgentLine;
	onClose: () => void;
	onRevoked: () => void;
}

/** Asks first: the agent's calls lose them at once. */
function RevokeAccess({ of: { id, name }, onClose, onRevoked }: RevokeProps) {
	const revoke = async (): Promise<ApiFailure | null> => {
		const answer = await api.setAccess(id, { allowed: false });
		if (!answer.ok) return answer.error;
		note(a("agent_revoked", { name }));
		onRevoked();
		return null;
	};
	return (
		<AskDialog
			title={a("agent_revoke_ask", { name })}
			more={a("agent_revoke_more")}
			yes={a("revoke_yes_access")}
			danger
			onClose={onClose}
			onYes={revoke}
		/>
	);
}
