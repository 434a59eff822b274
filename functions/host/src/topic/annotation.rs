//! Topic `annotation`: strokes on the open board.

use sightline_session::PageCommand;
use sightline_wire::{AnnotationCommand, AnnotationHears, PageHears, Passing, Refusal};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::Ports;

pub(crate) fn command(command: AnnotationCommand) -> PageCommand {
    match command {
        AnnotationCommand::Draw { picture, strokes } => PageCommand::Draw { picture, strokes },
        AnnotationCommand::Undo { picture } => PageCommand::Undo { picture },
        AnnotationCommand::UndoAll { picture } => PageCommand::UndoAll { picture },
        AnnotationCommand::Redo { picture } => PageCommand::Redo { picture },
        AnnotationCommand::Clear { picture } => PageCommand::Clear { picture },
    }
}

impl<P: Ports> Host<P> {
    /// Passes a piece of a stroke on to the other seats. Stores nothing.
    pub(crate) async fn passing(
        &self,
        speaker: &Speaker<'_>,
        passing: Passing,
    ) -> Result<(), Refusal> {
        let hears = AnnotationHears::Passing { passing };
        self.tell_others(speaker, PageHears::Annotation(hears))
            .await
    }
}
