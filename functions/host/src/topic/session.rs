//! Topic `session`: attaching, the log, the seats, the end of the call.

use sightline_session::PageCommand;
use sightline_wire::{SessionCommand, SessionSays};

use super::Deed;

pub(super) fn deed(says: SessionSays) -> Deed {
    match says {
        SessionSays::Attach { seat, offer } => Deed::Attach { seat, offer },
        SessionSays::Ping { moments } => Deed::Ping(moments),
        SessionSays::Resume { after } => Deed::Resume { after },
        SessionSays::Leave => Deed::Leave,
        SessionSays::Command(says) => Deed::Command(command(says)),
    }
}

fn command(command: SessionCommand) -> PageCommand {
    match command {
        SessionCommand::Lobby { step } => PageCommand::Lobby { step },
        SessionCommand::Rename { name } => PageCommand::Rename { name },
        SessionCommand::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
            arrival,
        } => PageCommand::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
            arrival,
        },
        SessionCommand::Media { microphone, camera } => PageCommand::Media { microphone, camera },
        SessionCommand::Zone { utc_offset_min } => PageCommand::Zone {
            utc_offset: utc_offset_min,
        },
        SessionCommand::Cancel => PageCommand::Cancel,
        SessionCommand::End => PageCommand::End,
    }
}
