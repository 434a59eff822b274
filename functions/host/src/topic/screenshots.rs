//! Topic `screenshots`: pictures and their boards. Objects leave and enter through this file alone.

use sightline_wire::{Object, Refusal, ScreenshotsSays, Upload, UploadBytes};

use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::Ports;

impl<P: Ports> Host<P> {
    /// A signed upload for something that is wanted.
    pub(crate) async fn slot(
        &self,
        speaker: &Speaker<'_>,
        upload: Upload,
        bytes: UploadBytes,
    ) -> Result<(), Refusal> {
        let _ = (speaker, upload, bytes);
        Err(Refusal::Trouble)
    }

    /// A link to look at a picture.
    pub(crate) async fn view(&self, speaker: &Speaker<'_>, object: Object) -> Result<(), Refusal> {
        let _ = (speaker, object);
        Err(Refusal::Trouble)
    }

    /// The numbered commands of this topic.
    pub(crate) async fn screenshots_command(
        &self,
        speaker: &Speaker<'_>,
        says: ScreenshotsSays,
    ) -> Result<(), Refusal> {
        let _ = (speaker, says);
        Err(Refusal::Trouble)
    }
}
