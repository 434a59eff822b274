//! Begins with a data folder: looks whether its parts belong together before anything is changed.

use std::sync::Arc;

use sightline_host::ports::StoreError;

use crate::cli::Serve;
use crate::clock::{DeskClock, wall_ms};
use crate::data::{DataError, DataFolder, Fit, KEY_BYTES, Misfit, Seal, ServerNote};
use crate::desk::random;
use crate::serve_error::ServeError;
use crate::store::{FileLook, OpenError, Store};

/// An open data folder.
pub struct Begun {
    /// The folder.
    pub folder: DataFolder,
    /// Its database.
    pub store: Store,
    /// Its signing key.
    pub key: [u8; KEY_BYTES],
    /// Its clocks.
    pub clock: Arc<DeskClock>,
}

/// Opens the folder, its database and its key.
///
/// # Errors
/// When one of them is not usable, or they do not belong together. Nothing is changed then.
pub async fn begin(options: &Serve) -> Result<Begun, ServeError> {
    let folder = DataFolder::open(options.data.folder.clone())?;
    if options.new
        && let Some(aside) = folder.set_aside(wall_ms())?
    {
        tracing::warn!("--new moved what was there to {}", aside.display());
    }
    folder.check_database()?;
    let sealed = folder.seal()?;
    let key = folder.key()?;
    // First without opening it, which would change the file a little.
    if let Some(look) = FileLook::at(folder.path()) {
        check(look, sealed, key.is_some(), &folder)?;
    }
    let clock = Arc::new(DeskClock::open(folder.path()));
    let store = Store::open(folder.path(), clock.now_ms());
    let store = store.map_err(|error| in_use(error, &folder))?;
    let look = store.look().await?;
    check(look, sealed, key.is_some(), &folder)?;
    clock.compare(store.newest_ms()?);
    let key = match key {
        Some(key) => key,
        None => folder.new_key()?,
    };
    folder.remove_drafts();
    let sealed = match look.seal {
        Some(seal) => advance(&store, &folder, seal).await,
        None => first(&store, &folder).await,
    };
    if let Err(error) = sealed {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(
            error,
            "failed to seal the data folder, the next sweep tries again"
        );
    }
    Ok(Begun {
        folder,
        store,
        key,
        clock,
    })
}

/// Says where the server is reached that has the data folder open.
fn in_use(error: OpenError, folder: &DataFolder) -> ServeError {
    match (error, folder.note()) {
        (OpenError::InUse(folder), Some(ServerNote { page, .. })) => {
            ServeError::InUse { folder, page }
        }
        (error, _) => ServeError::Store(error),
    }
}

/// Whether database, seal and key belong together.
fn check(
    look: FileLook,
    sealed: Option<Seal>,
    has_key: bool,
    folder: &DataFolder,
) -> Result<(), DataError> {
    let misfit = match Seal::fit(look.seal, sealed) {
        Fit::Older => Some(Misfit::Older),
        Fit::Other => Some(Misfit::Other),
        // Where seals agree, the last sessions may just have been deleted by date.
        Fit::Fits if sealed.is_some() || look.has_sessions => None,
        Fit::Fits => (folder.sessions_with_pictures() > 0).then_some(Misfit::NoSessions),
    };
    match misfit {
        Some(misfit) => Err(folder.misfit(misfit, folder.beside())),
        None if look.has_sessions && !has_key => Err(folder.no_key()),
        None => Ok(()),
    }
}

/// Seals a database for the first time.
///
/// # Errors
/// When the disk fails.
pub async fn first(store: &Store, folder: &DataFolder) -> Result<(), SealError> {
    let [a, b, c, d, ..] = random();
    let folder_id = u32::from_be_bytes([a, b, c, d]);
    let seal = Seal {
        folder: folder_id,
        count: 0,
    };
    advance(store, folder, seal).await
}

/// Counts a start or a sweep, in the database first.
///
/// # Errors
/// When the disk fails.
pub async fn advance(store: &Store, folder: &DataFolder, seal: Seal) -> Result<(), SealError> {
    let next = seal.next();
    store.set_seal(next).await?;
    folder.leave_seal(next)?;
    Ok(())
}

/// Why a seal was not stored.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// In the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// In the folder.
    #[error(transparent)]
    Data(#[from] DataError),
}

#[cfg(test)]
mod tests;
