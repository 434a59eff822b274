//! Begins with a data folder: looks whether its parts belong together before anything is changed.

use sightline_host::ports::StoreError;

use crate::cli::Serve;
use crate::data::{DataError, DataFolder, Fit, FolderMark, KEY_BYTES, Misfit};
use crate::desk::{now_ms, random};
use crate::serve_error::ServeError;
use crate::store::Store;

/// An open data folder.
pub struct Begun {
    /// The folder.
    pub folder: DataFolder,
    /// Its database.
    pub store: Store,
    /// Its signing key.
    pub key: [u8; KEY_BYTES],
}

/// Opens the folder, its database and its key.
///
/// # Errors
/// When one of them is not usable, or they do not belong together. Nothing is changed then.
pub async fn begin(options: &Serve) -> Result<Begun, ServeError> {
    let folder = DataFolder::open(options.data.folder.clone())?;
    if options.new
        && let Some(aside) = folder.set_aside(now_ms())?
    {
        tracing::warn!("--new moved what was there to {}", aside.display());
    }
    folder.check_database()?;
    // Read before the database is opened, which may create it: a newer version's folder stays as
    // it is.
    let marked = folder.mark()?;
    let store = Store::open(folder.path(), now_ms())?;
    let has_sessions = store.has_sessions().await?;
    let of_database = store.mark().await?;
    if let Some(misfit) = misfit(of_database, marked, has_sessions, &folder) {
        return Err(folder.misfit(misfit, folder.beside()).into());
    }
    let key = folder.key_or_new(has_sessions)?;
    folder.remove_drafts();
    let marked = match of_database {
        Some(mark) => advance(&store, &folder, mark).await,
        None => first(&store, &folder).await,
    };
    if let Err(error) = marked {
        tracing::warn!(error = %error, "failed to mark the data folder, the next sweep tries again");
    }
    Ok(Begun { folder, store, key })
}

fn misfit(
    of_database: Option<FolderMark>,
    of_folder: Option<FolderMark>,
    has_sessions: bool,
    folder: &DataFolder,
) -> Option<Misfit> {
    match FolderMark::fit(of_database, of_folder) {
        Fit::Older => Some(Misfit::Older),
        Fit::Other => Some(Misfit::Other),
        // Where marks agree, the last sessions may just have been deleted by date.
        Fit::Fits if of_folder.is_some() || has_sessions => None,
        Fit::Fits => (folder.sessions_with_pictures() > 0).then_some(Misfit::NoSessions),
    }
}

/// Marks a database for the first time.
///
/// # Errors
/// When the disk fails.
pub async fn first(store: &Store, folder: &DataFolder) -> Result<(), MarkError> {
    let [a, b, c, d, ..] = random();
    let folder_id = u32::from_be_bytes([a, b, c, d]);
    let mark = FolderMark {
        folder: folder_id,
        count: 0,
    };
    advance(store, folder, mark).await
}

/// Counts a start or a sweep, in the database first.
///
/// # Errors
/// When the disk fails.
pub async fn advance(
    store: &Store,
    folder: &DataFolder,
    mark: FolderMark,
) -> Result<(), MarkError> {
    let next = mark.next();
    store.set_mark(next).await?;
    folder.leave_mark(next)?;
    Ok(())
}

/// Why a mark was not stored.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// In the database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// In the folder.
    #[error(transparent)]
    Data(#[from] DataError),
}
