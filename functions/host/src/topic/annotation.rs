//! Topic `annotation`: strokes on the open board.

use sightline_session::Command;
use sightline_wire::{AnnotationHears, AnnotationSays, PageHears, Passing, Refusal};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::Ports;

impl<P: Ports> Host<P> {
    /// The numbered commands of this topic.
    pub(crate) async fn annotation_command(
        &self,
        speaker: &Speaker<'_>,
        says: AnnotationSays,
    ) -> Result<(), Refusal> {
        let (n, command) = match says {
            AnnotationSays::Draw {
                n,
                picture,
                strokes,
            } => (n, Command::Draw { picture, strokes }),
            AnnotationSays::Undo { n, picture } => (n, Command::Undo { picture }),
            AnnotationSays::UndoAll { n, picture } => (n, Command::UndoAll { picture }),
            AnnotationSays::Redo { n, picture } => (n, Command::Redo { picture }),
            AnnotationSays::Clear { n, picture } => (n, Command::Clear { picture }),
            // It carries no number and has its own way.
            AnnotationSays::Passing { .. } => return Err(Refusal::Malformed),
        };
        self.command(speaker, n, command).await
    }

    /// Told to the other seat and forgotten.
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
