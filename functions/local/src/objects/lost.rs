//! Pictures that no session knows. They are not deleted at once: when the wrong database is put
//! beside them, they are all that is left.

use std::fs::{self, File, FileTimes};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::files::{self, Files};

/// Moves a picture to the lost ones, below its session's name. From then on its age counts.
pub(super) fn put(files: &Files, picture: &Path, now_ms: u64) -> io::Result<()> {
    let session = picture.parent().and_then(Path::file_name);
    let (session, name) = session
        .zip(picture.file_name())
        .ok_or(ErrorKind::InvalidInput)?;
    let folder = files.lost().join(session);
    files::make_folder(files.lost())?;
    files::make_folder(&folder)?;
    let now = UNIX_EPOCH + Duration::from_millis(now_ms);
    let file = File::open(picture)?;
    fs::rename(picture, folder.join(name))?;
    file.set_times(FileTimes::new().set_modified(now))?;
    files::sync(&folder)
}

/// Lists the folders of lost pictures.
pub(super) fn sessions(files: &Files) -> io::Result<Vec<PathBuf>> {
    let Some(entries) = files::found(fs::read_dir(files.lost()))? else {
        return Ok(Vec::new());
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect()
}
