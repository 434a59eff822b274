//! The topics, one file each: what a page's message asks for. They are pure; the rest of the host
//! does what they return.

mod annotation;
mod chat;
mod guest;
mod screenshots;
mod session;
mod signaling;

use sightline_session::PageCommand;
use sightline_wire::{
    Digest, FirstOffer, Moments, Object, PageHears, PageSays, Refusal, RelayId, Sdp, Seat, Upload,
    UploadBytes,
};

/// What a message asks for.
pub(crate) enum Deed {
    /// Attach the page to a seat, and hand its offer to a relay.
    Attach {
        seat: Seat,
        offer: Option<FirstOffer>,
    },
    /// Answer that the server is there, and note how well the call runs.
    Ping(Option<Moments>),
    /// Send the events after this one.
    Resume { after: u32 },
    /// Record that the page said goodbye.
    Leave,
    /// Let the session decide a numbered command.
    Command(PageCommand),
    /// Pass a message on to the other seats. It is not stored.
    PassOn(PageHears),
    /// Hand an offer to a relay.
    Offer {
        attempt: u32,
        sdp: Sdp,
        avoid: Option<RelayId>,
    },
    /// Tell the relay again that this page holds its seat.
    Promote,
    /// Sign a request for an upload.
    Slot { upload: Upload, bytes: UploadBytes },
    /// Sign a link to a picture.
    View(Object),
    /// Take an upload, numbered. A page that sends a picture may say on which base it drew.
    TakeUpload {
        upload: Upload,
        drawn_on: Option<Digest>,
    },
    /// Open the board of a stored picture, numbered.
    OpenBoard { picture: u32 },
    /// Delete a picture, numbered.
    DeletePicture { picture: u32 },
}

/// Returns what a message asks for.
///
/// # Errors
/// Fails if a message names what it must not.
pub(crate) fn deed(says: PageSays) -> Result<Deed, Refusal> {
    match says {
        PageSays::Session(says) => Ok(session::deed(says)),
        PageSays::Signaling(says) => Ok(signaling::deed(says)),
        PageSays::Chat(says) => Ok(chat::deed(says)),
        PageSays::Annotation(says) => Ok(annotation::deed(says)),
        PageSays::Screenshots(says) => screenshots::deed(says),
        PageSays::Guest(says) => Ok(guest::deed(says)),
    }
}
