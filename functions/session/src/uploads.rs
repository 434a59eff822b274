//! Uploads that pages may send: how many at once.

use sightline_wire::{Refusal, Upload, UploadBytes};

use crate::{OpenUpload, Rules, State};

/// Notes that a page may send an upload. It counts until it was taken, or until nothing of it can
/// be left. A further request for the same upload replaces the one before.
///
/// # Errors
/// `LimitReached` when too many are open.
pub fn open_upload(
    state: &mut State,
    upload: Upload,
    bytes: UploadBytes,
    now_ms: u64,
    rules: &Rules,
) -> Result<(), Refusal> {
    let counts = |open: &OpenUpload| open.until_ms > now_ms && open.upload != upload;
    let others = state.uploads.iter().filter(|open| counts(open));
    let (count, sum) = others.fold((0, u64::from(bytes.get())), |(count, sum), open| {
        (count + 1, sum + u64::from(open.bytes.get()))
    });
    if count >= rules.uploads_max || sum > rules.upload_bytes_max {
        return Err(Refusal::LimitReached);
    }
    state.uploads.retain(counts);
    state.uploads.push(OpenUpload {
        upload,
        bytes,
        until_ms: now_ms.saturating_add(rules.upload_ms),
    });
    Ok(())
}

/// Notes that an upload became a picture.
pub fn close_upload(state: &mut State, upload: Upload) {
    state.uploads.retain(|open| open.upload != upload);
}
