//! A call without a text message, for somebody who tries Sightline with their own phone: its link
//! is shown to them as a QR code.

use sightline_session::{Actor, Invitation, SystemCommand};
use sightline_wire::{Language, Reference, SessionId};

use crate::config::desk_agent_id;
use crate::host::Host;
use crate::ports::Ports;
use crate::stop::OrAnswer;
use crate::texting::invite_link;

/// Letters at the end of its reference.
const LETTERS: usize = 8;

impl<P: Ports> Host<P> {
    /// Begins a call of the desk's agent to nobody's number, and returns its link. `None` if no
    /// agent belongs to this deployment itself, or the store fails.
    pub async fn test_call(&self) -> Option<String> {
        let name = self.config.desk_agent.clone()?;
        let invitation = Invitation {
            agent: desk_agent_id(&name),
            agent_name: name,
            number: None,
            reference: Reference::new(&reference(self.ports.random())).ok()?,
            language: Language::new("en").ok()?,
        };
        let session = SessionId::from_bytes(self.ports.random());
        let code = self.unused_code(session).await.or_fail(session).ok()??;
        let secret = self.fresh_secret();
        let begun = self
            .begin(session, &invitation, code, |draft| {
                draft.decide_system(Actor::AgentApi, &SystemCommand::MakeLink)?;
                draft.invite(secret);
                Ok::<(), sightline_wire::Refusal>(())
            })
            .await
            .or_fail(session)
            .ok()??;
        self.carry_out(&begun).await;
        begun.answer.ok()?;
        Some(invite_link(&self.config, &secret))
    }
}

/// `TEST-` and random letters.
fn reference(random: [u8; 16]) -> String {
    let letters = random.iter().take(LETTERS);
    "TEST-"
        .chars()
        .chain(letters.map(|byte| char::from(b'A' + byte % 26)))
        .collect()
}
