//! Names that a customer cannot take.

use sightline_wire::{DisplayName, Refusal, Seat};

use crate::{Rules, State};

/// Refuses a new name of the customer that people may take for the agent's or the business's, or
/// for a word of the pages. A name that the customer has already stays. The sign-in names the
/// agent.
pub(super) fn is_own(
    state: &State,
    seat: Seat,
    name: &DisplayName,
    rules: &Rules,
) -> Result<(), Refusal> {
    if seat == Seat::Agent || state.seats.get(seat).name.as_ref() == Some(name) {
        return Ok(());
    }
    let others = [state.agent_name.as_str(), &rules.business];
    let mut others = others.into_iter().chain(WORDS);
    if others.any(|other| name.looks_like(other)) {
        return Err(Refusal::NameTaken);
    }
    Ok(())
}

/// How pages call the agent, and the product.
const WORDS: [&str; 2] = ["Agent", "Sightline"];
