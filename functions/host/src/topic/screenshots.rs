//! Topic `screenshots`: pictures and their boards.

use sightline_session::PageCommand;
use sightline_wire::{Refusal, ScreenshotsCommand, ScreenshotsSays, Upload};

use super::Deed;

pub(super) fn deed(says: ScreenshotsSays) -> Result<Deed, Refusal> {
    match says {
        ScreenshotsSays::Slot { upload, bytes } => Ok(Deed::Slot { upload, bytes }),
        ScreenshotsSays::View { object } => Ok(Deed::View(object)),
        ScreenshotsSays::Command(says) => command(says),
    }
}

fn command(command: ScreenshotsCommand) -> Result<Deed, Refusal> {
    Ok(match command {
        ScreenshotsCommand::Capture => Deed::Command(PageCommand::Capture),
        ScreenshotsCommand::Bring => Deed::Command(PageCommand::Bring),
        ScreenshotsCommand::CaptureAgain { picture } => {
            Deed::Command(PageCommand::CaptureAgain { picture })
        }
        ScreenshotsCommand::CaptureFailed {
            picture,
            attempt,
            why,
        } => Deed::Command(PageCommand::CaptureFailed {
            picture,
            attempt,
            why,
        }),
        ScreenshotsCommand::Close { picture } => Deed::Command(PageCommand::CloseBoard { picture }),
        ScreenshotsCommand::Open { picture } => Deed::OpenBoard { picture },
        ScreenshotsCommand::Delete { picture } => Deed::DeletePicture { picture },
        ScreenshotsCommand::Uploaded {
            upload: upload @ (Upload::Sharp { .. } | Upload::Quick { .. }),
        } => Deed::TakeUpload {
            upload,
            drawn_on: None,
        },
        // The command `send` does this.
        ScreenshotsCommand::Uploaded {
            upload: Upload::Sent { .. },
        } => return Err(Refusal::Malformed),
        ScreenshotsCommand::Send {
            picture,
            through,
            base,
        } => Deed::TakeUpload {
            upload: Upload::Sent { picture, through },
            drawn_on: base,
        },
    })
}
