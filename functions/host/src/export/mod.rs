//! Exports: a line for each call that began in a period, written into the store as a file, a piece
//! at a time, and fetched like a case file.
//!
//! `line` says what stands in it, `csv` how a cell is written. Both are pure.

mod csv;
mod line;

use std::sync::Arc;

use sightline_wire::api::ApiError;
use sightline_wire::{AuditDeed, DisplayName, ExportFormat, PageId, Refusal};

use crate::audit::Deed;
use crate::case::CaseAnswer;
use crate::figures::{Period, written};
use crate::host::Host;
use crate::ports::{CaseFiles, CaseWriting, KeptFile, Ports, StoreError};
use crate::records::{first_half, sha_256_of_parts};
use crate::tokens::SignedIn;
use line::Line;

/// Calls that are read at a time.
const CALLS: usize = 500;

/// Bytes that are gathered before they are written.
const PIECE_BYTES: usize = 256 * 1024;

/// Why an export was not written.
pub(crate) enum Unwritten {
    TooMany,
    Store(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<P: Ports> Host<P> {
    /// Returns a link to an export. `file` is of the page: with the same one it is the same file.
    ///
    /// # Errors
    /// `limit_reached` for more than [`crate::HostConfig::export_calls_max`] calls, and as
    /// [`Host::kept_file`].
    pub(crate) async fn export(
        self: &Arc<Self>,
        admin: &SignedIn,
        period: Period,
        format: ExportFormat,
        file: &[u8; 16],
    ) -> Result<CaseAnswer, ApiError> {
        let (from, to) = (written(period.from), written(period.to));
        let parts = [admin.agent.as_bytes(), from.as_bytes(), to.as_bytes(), file];
        let id = PageId::from_bytes(first_half(sha_256_of_parts(&parts)));
        let key = KeptFile::Export { id, format };
        let exported = Deed::by((admin.agent, &admin.name), AuditDeed::CallsExported);
        let exported = match DisplayName::new(&format!("{from} {to}")) {
            Ok(days) => exported.about(&days),
            Err(_) => exported,
        };
        let (host, of) = (self.clone(), key.clone());
        let make = async move {
            let written = host.write_export(&of, period, format).await;
            written.map_err(|why| match why {
                Unwritten::TooMany => ApiError::Refused {
                    refusal: Refusal::LimitReached,
                },
                Unwritten::Store(error) => {
                    tracing::error!(error = %error, "failed to write an export, the next request tries again");
                    ApiError::Trouble
                }
            })
        };
        self.kept_file(&key, exported, make).await
    }

    /// Writes the calls of a period, newest first.
    pub(crate) async fn write_export(
        &self,
        key: &KeptFile,
        period: Period,
        format: ExportFormat,
    ) -> Result<(), Unwritten> {
        let mut file = Writing {
            format,
            out: self.ports.objects().begin_case(key).await?,
            piece: line::begin(format),
            calls: 0,
            most: self.config.export_calls_max,
        };
        for day in (period.from..=period.to).rev() {
            let mut after = None;
            loop {
                let calls = self.calls_of_day(day, after, CALLS).await?;
                let (is_last, last) = (calls.len() < CALLS, calls.last());
                after = last.map(|(place, _)| *place);
                // A line whose date has passed is left out.
                for call in calls.iter().filter_map(|(_, call)| call.as_ref()) {
                    file.add(&Line::of(call)).await?;
                }
                if is_last {
                    break;
                }
            }
        }
        file.finish().await?;
        Ok(())
    }
}

/// A file that is being written.
struct Writing<W> {
    format: ExportFormat,
    out: W,
    piece: String,
    calls: usize,
    most: usize,
}

impl<W: CaseWriting> Writing<W> {
    async fn add(&mut self, line: &Line<'_>) -> Result<(), Unwritten> {
        if self.calls == self.most {
            return Err(Unwritten::TooMany);
        }
        let is_first = self.calls == 0;
        self.calls += 1;
        line.write(self.format, is_first, &mut self.piece);
        if self.piece.len() >= PIECE_BYTES {
            let piece = std::mem::take(&mut self.piece);
            self.out.write(piece.into_bytes()).await?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        self.piece.push_str(line::end(self.format));
        self.out.write(self.piece.into_bytes()).await?;
        self.out.finish().await
    }
}
