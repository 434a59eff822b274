//! Topic `annotation`: strokes on the open board.

use sightline_session::PageCommand;
use sightline_wire::{AnnotationCommand, AnnotationHears, AnnotationSays, PageHears};

use super::Deed;

pub(super) fn deed(says: AnnotationSays) -> Deed {
    match says {
        AnnotationSays::Passing { passing } => {
            let hears = AnnotationHears::Passing { passing };
            Deed::PassOn(PageHears::Annotation(hears))
        }
        AnnotationSays::Command(says) => Deed::Command(command(says)),
    }
}

fn command(command: AnnotationCommand) -> PageCommand {
    match command {
        AnnotationCommand::Draw { picture, strokes } => PageCommand::Draw { picture, strokes },
        AnnotationCommand::Undo { picture } => PageCommand::Undo { picture },
        AnnotationCommand::UndoAll { picture } => PageCommand::UndoAll { picture },
        AnnotationCommand::Redo { picture } => PageCommand::Redo { picture },
        AnnotationCommand::Clear { picture } => PageCommand::Clear { picture },
    }
}
