//! The business's colour and logo: what pages show of them, and how an admin changes the logo.
//!
//! The colour is configuration. The logo is either the operator's, given at the start of the
//! server, or an admin's, which the store keeps.

mod contrast;
mod logo;
mod png;
mod shades;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use sightline_wire::api::ApiError;
use sightline_wire::{
    AgentId, AuditDeed, Brand, BrandSettings, Colour, Digest, DisplayName, LogoMark,
};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::{Logos, Ports, StoreError};
use crate::records::LogoRecord;
use crate::stop::OrAnswer;

pub use logo::Logo;
pub(crate) use logo::LogoKind;

/// Returns what light pages show in place of a colour, if text in the colour itself would be too
/// pale.
#[must_use]
pub fn darkened(colour: Colour) -> Option<Colour> {
    let [light, _] = shades::shades(colour).accent;
    (light != colour).then_some(light)
}

/// A logo as it is served.
pub(crate) struct ServedLogo {
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) kind: LogoKind,
    pub(crate) digest: Digest,
}

impl<P: Ports> Host<P> {
    /// Returns what a page shows of the business. Pages work without it, so trouble is logged.
    pub(crate) async fn brand(&self) -> Option<Brand> {
        let logo = self.logo_mark().await.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "failed to read the logo: pages show none");
            None
        });
        let shades = self.config.colour.map(shades::shades);
        (shades.is_some() || logo.is_some()).then_some(Brand { shades, logo })
    }

    /// Returns the logo itself.
    pub(crate) async fn served_logo(&self) -> Result<Option<ServedLogo>, StoreError> {
        let bytes = match &self.config.logo {
            Some(given) => Some(given.bytes().clone()),
            None => self.ports.store().logo_bytes().await?.map(Arc::from),
        };
        // Bytes that were checked begin like their kind.
        Ok(bytes.and_then(|bytes| {
            let (kind, digest) = (LogoKind::of(&bytes)?, logo::digest(&bytes));
            Some(ServedLogo {
                bytes,
                kind,
                digest,
            })
        }))
    }

    /// Returns what an admin sees.
    pub(crate) async fn brand_settings(&self) -> Result<BrandSettings, ApiError> {
        Ok(BrandSettings {
            colour: self.config.colour,
            darkened: self.config.colour.and_then(darkened),
            logo: self.logo_mark().await.or_fail(None)?,
            logo_is_given: self.config.logo.is_some(),
        })
    }

    /// Puts a file in the place of the logo.
    ///
    /// # Errors
    /// `logo_given` where the operator gave one, `bad_logo`, `trouble`.
    pub(crate) async fn set_logo(
        &self,
        by: (AgentId, &DisplayName),
        file: &[u8],
    ) -> Result<BrandSettings, ApiError> {
        self.may_change_logo()?;
        let logo = Logo::accept(file).map_err(|why| ApiError::BadLogo { why })?;
        let record = LogoRecord { mark: logo.mark() };
        let stored = self.retry(|| self.ports.store().put_logo(record, logo.bytes()));
        stored.await.or_fail(None)?;
        self.audit(Deed::by(by, AuditDeed::LogoSet)).await;
        self.brand_settings().await
    }

    /// Removes the logo.
    ///
    /// # Errors
    /// `logo_given` where the operator gave one, `trouble`.
    pub(crate) async fn remove_logo(&self, by: (AgentId, &DisplayName)) -> Result<(), ApiError> {
        self.may_change_logo()?;
        let removed = self.retry(|| self.ports.store().remove_logo());
        removed.await.or_fail(None)?;
        self.audit(Deed::by(by, AuditDeed::LogoRemoved)).await;
        Ok(())
    }

    fn may_change_logo(&self) -> Result<(), ApiError> {
        match self.config.logo {
            Some(_) => Err(ApiError::LogoGiven),
            None => Ok(()),
        }
    }

    async fn logo_mark(&self) -> Result<Option<LogoMark>, StoreError> {
        if let Some(given) = &self.config.logo {
            return Ok(Some(given.mark()));
        }
        let stored = self.ports.store().logo().await?;
        Ok(stored.map(|record| record.mark))
    }
}
