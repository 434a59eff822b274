//! Topic `chat`: words between the two.

use sightline_session::Command;
use sightline_wire::{ChatHears, ChatText, PageHears, Refusal};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::Ports;

impl<P: Ports> Host<P> {
    /// A line, kept in the log.
    pub(crate) async fn chat_line(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        text: ChatText,
    ) -> Result<(), Refusal> {
        self.command(speaker, n, Command::Say { text }).await
    }

    /// Told to the other seat and forgotten.
    pub(crate) async fn typing(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        self.tell_others(speaker, PageHears::Chat(ChatHears::Typing))
            .await
    }
}
