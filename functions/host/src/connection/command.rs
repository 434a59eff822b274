//! Numbered commands, and messages that are passed on.

use sightline_session::{Answer, PageCommand, Taken, Turn};
use sightline_wire::{PageHears, Refusal, Seat};

use super::Speaker;
use crate::draft::Draft;
use crate::host::Host;
use crate::ports::Ports;
use crate::words;

impl<P: Ports> Host<P> {
    /// Takes a numbered command of any topic. It is decided once and answered every time it is
    /// repeated.
    pub(crate) async fn command(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        command: PageCommand,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                let page = speaker.page;
                let command = named_by_sign_in(&command, seat, draft);
                Ok(draft.take(Turn { seat, page, n }, &command))
            })
            .await?;
        let taken = changed.answer?;
        let head = speaker.head(seat, &changed.after);
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Answers a numbered command.
    pub(crate) async fn answer_taken(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        head: u32,
        taken: Taken,
    ) {
        let answer = match taken {
            Taken::Repeat(answer) | Taken::Fresh { answer, .. } => answer,
            Taken::OutOfTurn { expected } => Answer::Refused(Refusal::OutOfTurn { expected }),
        };
        self.answer(speaker, words::done(n, head, answer)).await;
    }

    /// Passes a message on to the other seats, from a page that speaks for its seat. Stores
    /// nothing.
    pub(super) async fn pass_on(
        &self,
        speaker: &Speaker<'_>,
        hears: PageHears,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| speaker.speaks(seat, &draft.state))
            .await?;
        changed.answer?;
        words::to_page(Some(speaker.session), hears.clone())?;
        self.say_to_others(speaker.session, seat, &changed.attachments, hears)
            .await;
        Ok(())
    }
}

/// Returns the command with the name of the sign-in, if an agent joins. The name that the page sent
/// is ignored.
fn named_by_sign_in(command: &PageCommand, seat: Seat, draft: &Draft<'_>) -> PageCommand {
    let mut command = command.clone();
    if let (Seat::Agent, PageCommand::Join { name, .. }) = (seat, &mut command) {
        *name = draft.state.agent_name.clone();
    }
    command
}
