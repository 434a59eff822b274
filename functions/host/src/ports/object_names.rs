//! What uploads and pictures are named by in a store.

use sightline_wire::{Digest, Object, SessionId, Upload};

/// Where an upload waits to be checked: `incoming/<session>/<name>`. No page can read it there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UploadKey {
    /// The session.
    pub session: SessionId,
    /// The purpose of the upload.
    pub upload: Upload,
}

/// Where a picture is kept: `pictures/<session>/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureKey {
    /// The session.
    pub session: SessionId,
    /// Which of its pictures.
    pub object: StoredObject,
}

/// A stored picture of a session. Its bytes name it, so whatever is stored later under the same
/// name is the same picture, and several may be stored at once. The commit decides which one
/// stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoredObject {
    /// A base.
    Base {
        /// The picture.
        picture: u32,
        /// Of its bytes.
        digest: Digest,
    },
    /// A picture with strokes, as sent to the chat.
    Sent {
        /// The picture.
        picture: u32,
        /// The last event that is drawn on it.
        through: u32,
        /// Of its bytes.
        digest: Digest,
    },
    /// A picture that was stored before bytes named pictures.
    Earlier(Earlier),
}

/// The names of pictures that were stored before bytes named pictures. They are read and deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Earlier {
    /// A sharp base.
    Base {
        /// The picture.
        picture: u32,
    },
    /// A quick base.
    Preview {
        /// The picture.
        picture: u32,
    },
    /// A picture with strokes, as sent to the chat.
    Sent {
        /// The picture.
        picture: u32,
        /// The last event that is drawn on it.
        through: u32,
    },
}

impl UploadKey {
    /// Returns the common prefix of the keys of all uploads for one picture.
    #[must_use]
    pub fn prefix(session: SessionId, picture: u32) -> String {
        format!("incoming/{session}/{picture}-")
    }

    /// Returns the object's name in a store.
    #[must_use]
    pub fn path(&self) -> String {
        let session = self.session;
        match self.upload {
            Upload::Sharp { picture, attempt } => {
                format!("incoming/{session}/{picture}-sharp-{attempt}")
            }
            Upload::Quick { picture } => format!("incoming/{session}/{picture}-quick"),
            Upload::Sent { picture, through } => {
                format!("incoming/{session}/{picture}-sent-{through}")
            }
        }
    }
}

impl PictureKey {
    /// Returns the common prefix of the keys of everything that was stored as this picture.
    #[must_use]
    pub fn prefix(session: SessionId, object: Object) -> String {
        match object {
            Object::Base { picture } => format!("pictures/{session}/{picture}-base-"),
            Object::Sent { picture, through } => {
                format!("pictures/{session}/{picture}-sent-{through}-")
            }
        }
    }

    /// Returns the object's name in a store.
    #[must_use]
    pub fn path(&self) -> String {
        let session = self.session;
        let named = |object, digest| format!("{}{digest}", Self::prefix(session, object));
        match self.object {
            StoredObject::Base { picture, digest } => named(Object::Base { picture }, digest),
            StoredObject::Sent {
                picture,
                through,
                digest,
            } => named(Object::Sent { picture, through }, digest),
            StoredObject::Earlier(Earlier::Base { picture }) => {
                format!("pictures/{session}/{picture}")
            }
            // No event has the number 0, so no sent picture has this name.
            StoredObject::Earlier(Earlier::Preview { picture }) => {
                format!("pictures/{session}/{picture}-0")
            }
            StoredObject::Earlier(Earlier::Sent { picture, through }) => {
                format!("pictures/{session}/{picture}-{through}")
            }
        }
    }
}
