//! The pictures of a call, for the people who see it afterwards.

use std::collections::BTreeMap;

use sightline_session::{Event, Fact, State};
use sightline_wire::api::{ApiError, CallPicture, CallPictures, SentPicture};
use sightline_wire::{PictureSource, PublicFact, SessionId};

use super::view::LINK_MS;
use super::{base_object, sent_object};
use crate::access::{Viewer, may_see};
use crate::host::Host;
use crate::ports::{PictureKey, PictureStore, Ports, Sessions, StoreError, StoredObject};
use crate::stop::OrAnswer;

/// A stored picture and what is stored of it.
#[derive(Default)]
struct Kept {
    base: Option<(StoredObject, u16, u16)>,
    sent: Vec<(u32, StoredObject)>,
}

impl<P: Ports> Host<P> {
    /// Lists what is stored of a call's pictures, with links.
    ///
    /// # Errors
    /// `not_found` for a call of somebody else, unless an admin asks.
    pub(crate) async fn call_pictures(
        &self,
        viewer: &Viewer,
        session: SessionId,
    ) -> Result<CallPictures, ApiError> {
        let state = self.peek(session).await.or_fail(session)?;
        let state = state.ok_or(ApiError::NotFound)?;
        may_see(viewer, &state)?;
        let listed = self.listed(session, kept(&state)).await;
        let pictures = listed.or_fail(session)?;
        Ok(CallPictures { pictures })
    }

    async fn listed(
        &self,
        session: SessionId,
        kept: BTreeMap<u32, Kept>,
    ) -> Result<Vec<CallPicture>, StoreError> {
        let mut listed = Vec::new();
        for (picture, kept) in kept {
            let (at_ms, source) = self.asked(session, picture).await?;
            let mut sent = Vec::new();
            for (through, object) in kept.sent {
                let url = self.link_to(session, object).await?;
                sent.push(SentPicture { through, url });
            }
            let base = match kept.base {
                Some((object, ..)) => Some(self.link_to(session, object).await?),
                None => None,
            };
            listed.push(CallPicture {
                picture,
                at_ms,
                source,
                base,
                width: kept.base.map(|(_, width, _)| width),
                height: kept.base.map(|(_, _, height)| height),
                sent,
            });
        }
        Ok(listed)
    }

    /// Returns when a picture was asked for, and where it comes from.
    async fn asked(
        &self,
        session: SessionId,
        picture: u32,
    ) -> Result<(u64, PictureSource), StoreError> {
        let before = picture.saturating_sub(1);
        let events = self.ports.store().events(session, before, 1).await?;
        Ok(match events.first() {
            Some(Event {
                at_ms,
                fact: Fact::Public(PublicFact::CaptureAsked { source, .. }),
                ..
            }) => (*at_ms, *source),
            _ => (0, PictureSource::Camera),
        })
    }

    async fn link_to(
        &self,
        session: SessionId,
        object: StoredObject,
    ) -> Result<String, StoreError> {
        let now_ms = self.ports.now_ms();
        let until_ms = now_ms.saturating_add(LINK_MS);
        let key = PictureKey { session, object };
        self.ports.objects().sign_get(&key, now_ms, until_ms).await
    }
}

fn kept(state: &State) -> BTreeMap<u32, Kept> {
    let mut kept = BTreeMap::<u32, Kept>::new();
    for known in &state.pictures {
        if let Some((object, base)) = base_object(known).zip(known.base) {
            kept.entry(known.id).or_default().base = Some((object, base.width, base.height));
        }
    }
    for sent in &state.sent {
        let of = kept.entry(sent.picture).or_default();
        of.sent.push((sent.through, sent_object(sent)));
    }
    kept
}
