//! Topic `chat`: text between the seats.

use sightline_session::PageCommand;
use sightline_wire::{ChatCommand, ChatHears, PageHears, Refusal};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::Ports;

pub(crate) fn command(command: ChatCommand) -> PageCommand {
    match command {
        ChatCommand::Say { text } => PageCommand::Say { text },
    }
}

impl<P: Ports> Host<P> {
    /// Tells the other seats that this one is typing. Stores nothing.
    pub(crate) async fn typing(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        self.tell_others(speaker, PageHears::Chat(ChatHears::Typing))
            .await
    }
}
