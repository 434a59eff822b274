//! The agents of a deployment: lists of them, and whose access was taken back.

use std::collections::BTreeMap;

use sightline_wire::api::{ApiError, Role};
use sightline_wire::v1::{V1Agent, V1Agents};
use sightline_wire::{AgentId, AgentLine, AgentLines, AuditDeed, DisplayName};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::{Agents, Ports, StoreError};
use crate::records::{AgentRecord, RevocationRecord};
use crate::stop::OrAnswer;
use crate::tokens::SignedIn;

/// How long an agent is listed after the last sign-in, seconds.
const LISTED_S: u64 = 365 * 24 * 60 * 60;

impl<P: Ports> Host<P> {
    /// Notes that an agent signed in. A failure is logged: the sign-in itself needs no note.
    pub(crate) async fn note_signed_in(&self, agent: AgentId, name: &DisplayName, role: Role) {
        let seen_at_ms = self.ports.date_ms();
        let record = AgentRecord {
            agent,
            name: name.clone(),
            role,
            seen_at_ms,
        };
        let delete_at_s = seen_at_ms / 1_000 + LISTED_S;
        if let Err(error) = self.ports.store().note_agent(record, delete_at_s).await {
            tracing::warn!(error = %error, "failed to note a sign-in");
        }
        self.audit(Deed::by((agent, name), AuditDeed::SignedIn))
            .await;
    }

    /// Notes that a listed agent was here, without a sign-in that says the agent's name and role. A
    /// failure is logged.
    pub(crate) async fn note_seen(&self, agent: AgentId) {
        let store = self.ports.store();
        let seen_at_ms = self.ports.date_ms();
        let noted = async {
            let known = store.agents(self.ports.erase_ms()).await?;
            let known = known.into_iter().find(|known| known.agent == agent);
            match known {
                Some(known) => {
                    let seen = AgentRecord {
                        seen_at_ms,
                        ..known
                    };
                    store.note_agent(seen, seen_at_ms / 1_000 + LISTED_S).await
                }
                None => Ok(()),
            }
        };
        if let Err(error) = noted.await {
            tracing::warn!(error = %error, "failed to note that an agent was here");
        }
    }

    /// Lists the agents who may sign in, by name.
    pub(crate) async fn listed_agents(&self) -> Result<V1Agents, ApiError> {
        let agents = self.agents_by_name().await.or_fail(None)?.into_iter();
        let agents = agents.filter(|(_, revocation)| allows(*revocation));
        let agents = agents.map(|(agent, _)| line(agent)).collect();
        Ok(V1Agents { agents })
    }

    /// Lists all agents by name, for an admin.
    pub(crate) async fn agents_for(&self, admin: &SignedIn) -> Result<AgentLines, ApiError> {
        let agents = self.agents_by_name().await.or_fail(None)?.into_iter();
        let agents = agents.map(|(agent, revocation)| AgentLine {
            id: agent.agent,
            own: agent.agent == admin.agent,
            name: agent.name,
            role: agent.role,
            seen_at_ms: agent.seen_at_ms,
            revoked_at_ms: revocation
                .filter(|revocation| !allows(Some(*revocation)))
                .map(|revocation| revocation.at_ms),
        });
        Ok(AgentLines {
            agents: agents.collect(),
        })
    }

    /// Takes an agent's access back, which ends all sign-ins and their media, or gives it again.
    ///
    /// # Errors
    /// `own_access` for the admin's own, `not_found` for somebody who never signed in.
    pub(crate) async fn set_access(
        &self,
        admin: &SignedIn,
        agent: AgentId,
        allowed: bool,
    ) -> Result<(), ApiError> {
        if agent == admin.agent {
            return Err(ApiError::OwnAccess);
        }
        let store = self.ports.store();
        let known = store.agents(self.ports.erase_ms()).await.or_fail(None)?;
        let known = known.into_iter().find(|known| known.agent == agent);
        let known = known.ok_or(ApiError::NotFound)?;
        let before = store.revocation(agent).await.or_fail(None)?;
        if allows(before) != allowed {
            let now_ms = self.ports.date_ms();
            let revocation = match before.filter(|_| allowed) {
                Some(before) => RevocationRecord {
                    lifted_at_ms: Some(now_ms),
                    ..before
                },
                None => RevocationRecord {
                    at_ms: now_ms,
                    lifted_at_ms: None,
                },
            };
            let noted = store.note_revocation(agent, revocation).await;
            noted.or_fail(None)?;
            tracing::info!(agent.id = %agent, by.id = %admin.agent, allowed, "access changed");
            let what = match allowed {
                true => AuditDeed::AccessGiven,
                false => AuditDeed::AccessTaken,
            };
            let changed = Deed::by((admin.agent, &admin.name), what).about(&known.name);
            self.audit(changed).await;
        }
        // Again when it was so already: the first request may have died in between.
        if !allowed {
            self.end_calls_of(agent).await.or_fail(None)?;
        }
        Ok(())
    }

    /// Whether an agent may sign in.
    pub(crate) async fn may_sign_in(&self, agent: AgentId) -> Result<bool, StoreError> {
        Ok(allows(self.ports.store().revocation(agent).await?))
    }

    async fn agents_by_name(
        &self,
    ) -> Result<Vec<(AgentRecord, Option<RevocationRecord>)>, StoreError> {
        let store = self.ports.store();
        let revocations: BTreeMap<_, _> = store.revocations().await?.into_iter().collect();
        let mut agents = store.agents(self.ports.erase_ms()).await?;
        agents.sort_by(|one, two| (&one.name, one.agent).cmp(&(&two.name, two.agent)));
        let with_revocation = |agent: AgentRecord| {
            let revocation = revocations.get(&agent.agent).copied();
            (agent, revocation)
        };
        Ok(agents.into_iter().map(with_revocation).collect())
    }
}

fn allows(revocation: Option<RevocationRecord>) -> bool {
    revocation.is_none_or(|revocation| revocation.lifted_at_ms.is_some())
}

fn line(agent: AgentRecord) -> V1Agent {
    V1Agent {
        id: agent.agent,
        name: agent.name,
        role: agent.role,
        seen_at_ms: agent.seen_at_ms,
    }
}
