//! Topic `chat`: text between the seats.

use sightline_session::PageCommand;
use sightline_wire::{ChatCommand, ChatHears, ChatSays, PageHears};

use super::Deed;

pub(super) fn deed(says: ChatSays) -> Deed {
    match says {
        ChatSays::Typing => Deed::PassOn(PageHears::Chat(ChatHears::Typing)),
        ChatSays::Command(ChatCommand::Say { text }) => Deed::Command(PageCommand::Say { text }),
    }
}
