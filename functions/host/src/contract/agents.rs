//! Agents who signed in.

use sightline_wire::DisplayName;
use sightline_wire::api::Role;

use super::Case;
use crate::ports::Agents;
use crate::records::{AgentRecord, RevocationRecord};

/// A store of agents, and of whose access was taken back.
pub async fn agents<P: Agents>(ports: &P, case: &Case) {
    let ends_s = case.now_ms / 1_000 + 1_800;
    let [one, two] = [1, 2].map(|which| AgentRecord {
        agent: case.agent(220 + which),
        name: DisplayName::new(&format!("Agent {which}")).expect("a fine name"),
        role: Role::Agent,
        seen_at_ms: case.now_ms,
    });
    let again = AgentRecord {
        role: Role::Admin,
        seen_at_ms: case.now_ms + 1_000,
        ..one.clone()
    };
    for (agent, delete_at_s) in [(&one, ends_s), (&two, ends_s), (&again, case.delete_at_s())] {
        let noted = ports.note_agent(agent.clone(), delete_at_s).await;
        noted.expect("it is stored");
    }
    let own = async |now_ms| {
        let listed = ports.agents(now_ms).await.expect("they are read");
        let ours = [one.agent, two.agent];
        let listed = listed.into_iter();
        let mut own: Vec<_> = listed.filter(|agent| ours.contains(&agent.agent)).collect();
        own.sort_by_key(|agent| agent.name.clone());
        own
    };
    assert_eq!(
        own(case.now_ms).await,
        [again.clone(), two.clone()],
        "each once"
    );
    let later_ms = ends_s * 1_000;
    assert_eq!(own(later_ms).await, [again], "until its date");

    let taken = RevocationRecord {
        at_ms: case.now_ms,
        lifted_at_ms: None,
    };
    let given = RevocationRecord {
        lifted_at_ms: Some(case.now_ms + 1_000),
        ..taken
    };
    assert_eq!(ports.revocation(one.agent).await, Ok(None));
    for (agent, noted) in [(one.agent, taken), (two.agent, taken), (one.agent, given)] {
        assert_eq!(ports.note_revocation(agent, noted).await, Ok(()));
        assert_eq!(ports.revocation(agent).await, Ok(Some(noted)));
    }
    let mut all = ports.revocations().await.expect("they are read");
    all.retain(|(agent, _)| [one.agent, two.agent].contains(agent));
    all.sort_by_key(|(_, noted)| noted.lifted_at_ms);
    assert_eq!(all, [(two.agent, taken), (one.agent, given)], "each once");
}
