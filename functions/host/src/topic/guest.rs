//! Topic `guest`: the customer's devices, as far as the agent has to do with them.

use sightline_session::PageCommand;
use sightline_wire::GuestCommand;

use super::Deed;

pub(super) const fn deed(says: GuestCommand) -> Deed {
    Deed::Command(PageCommand::Guest(says))
}
