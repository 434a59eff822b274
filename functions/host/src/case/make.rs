//! Makes case files, each once, while those who want it wait.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};

use sightline_session::State;
use sightline_wire::api::ApiError;
use sightline_wire::{AuditDeed, Event, Object, Seat, SessionId, UploadBytes};

use super::bag::{BagInfo, BagWriter};
use super::contents::{self, LoggedPicture, Put};
use super::jws::{CaseJwk, CaseJwks};
use super::layout::{self, Digested, Hash};
use crate::access::{Viewer, may_see};
use crate::audit::Deed;
use crate::host::Host;
use crate::pictures::standing_key;
use crate::ports::{
    BesideLog, CaseFiles, CaseKeys, CaseWriting, Counted, Found, KeptFile, Ports, RateCounter,
    RateCounters, Sessions, StoreError,
};
use crate::stop::OrAnswer;
use crate::words;

/// Lifetime of a link, milliseconds.
const LINK_MS: u64 = 5 * 60 * 1_000;

/// How long a request waits for its file, milliseconds. API Gateway gives up after 30 s.
const WAIT_MS: u64 = 20_000;

/// Time between two looks, milliseconds.
const LOOK_MS: u64 = 200;

/// Who makes a file has it alone for one to two of these, milliseconds. After that another request
/// begins again: the process may have been ended.
const CLAIM_MS: u64 = 60_000;

/// Events read at a time.
const PAGE_EVENTS: usize = 500;

/// Most pictures in a case file: all that a call can have.
const PICTURES_MAX: usize = 150;

/// Most bytes of all pictures.
const PICTURES_BYTES_MAX: u64 = 500_000_000;

/// The answer to who wants a case file, or an export.
pub(crate) enum CaseAnswer {
    /// The address of the file.
    Ready(String),
    /// It is being made. Ask again.
    Later,
}

impl<P: Ports> Host<P> {
    /// Returns a link to the case file of a call that has ended, as it stands. Makes the file if it
    /// is not there; of several requests at a time one does.
    ///
    /// # Errors
    /// `not_found` for a call of somebody else, unless an admin asks; `call_running`; `trouble`
    /// when this request began to make the file and that failed.
    pub(crate) async fn case_file(
        self: &Arc<Self>,
        viewer: &Viewer,
        session: SessionId,
    ) -> Result<CaseAnswer, ApiError> {
        let changed = self.change(session, |_| ()).await.or_fail(session)?;
        self.carry_out(&changed).await;
        let state = changed.after;
        may_see(viewer, &state)?;
        if state.ended.is_none() {
            return Err(ApiError::CallRunning);
        }
        let revision = state.revision;
        let key = KeptFile::Case { session, revision };
        let fetched = Deed::with_call(viewer, AuditDeed::CaseFetched, session);
        let (host, of) = (self.clone(), key.clone());
        let make = async move { host.made_or_logged(session, &of, &state).await };
        self.kept_file(&key, fetched, make).await
    }

    /// Returns a link to a file, and makes it if it is not there. Of several requests at a time one
    /// does. The line of the audit log is written before the link is given.
    ///
    /// # Errors
    /// What this request's making failed with.
    pub(crate) async fn kept_file(
        self: &Arc<Self>,
        key: &KeptFile,
        fetched: Deed,
        make: impl Future<Output = Result<(), ApiError>> + Send + 'static,
    ) -> Result<CaseAnswer, ApiError> {
        let began_ms = self.ports.now_ms();
        let (mut make, failed) = (Some(make), Arc::new(OnceLock::new()));
        loop {
            if self.has_case(key).await.or_fail(key.session())? {
                self.audit_first(fetched).await?;
                return self.link_to_case(key).await.or_fail(key.session());
            }
            if let Some(make) = make.take()
                && self.claims(key).await.or_fail(key.session())?
            {
                let failed = failed.clone();
                self.ports.run_on(async move {
                    if let Err(error) = make.await {
                        let _only_once = failed.set(error);
                    }
                });
            }
            if let Some(error) = failed.get() {
                return Err(ApiError::clone(error));
            }
            if self.ports.now_ms().saturating_sub(began_ms) >= WAIT_MS {
                return Ok(CaseAnswer::Later);
            }
            self.ports.pause(LOOK_MS).await;
        }
    }

    /// Returns the public keys that ever signed case files here.
    ///
    /// # Errors
    /// `trouble` when the store fails.
    pub(crate) async fn case_keys(&self) -> Result<CaseJwks, ApiError> {
        let keys = self.ports.store().case_keys().await.or_fail(None)?;
        let keys = keys.iter().filter_map(|key| serde_json::from_str(key).ok());
        Ok(CaseJwks {
            keys: keys.map(CaseJwk::named).collect(),
        })
    }

    async fn has_case(&self, key: &KeptFile) -> Result<bool, StoreError> {
        self.ports.objects().has_case(key).await
    }

    async fn link_to_case(&self, key: &KeptFile) -> Result<CaseAnswer, StoreError> {
        let now_ms = self.ports.now_ms();
        let until_ms = now_ms.saturating_add(LINK_MS);
        let signed = self.ports.objects().sign_case(key, now_ms, until_ms);
        Ok(CaseAnswer::Ready(signed.await?))
    }

    /// Returns whether this request makes the file. A claim fills two stretches of time, so that
    /// the next one cannot begin right after it.
    async fn claims(&self, key: &KeptFile) -> Result<bool, StoreError> {
        let stretch = self.ports.now_ms() / CLAIM_MS;
        let counters = [stretch, stretch + 1].map(|stretch| RateCounter {
            // Without the call's id, which an erasure could not find here.
            name: format!(
                "case#{}#{stretch}",
                self.keys.pseudonym("case", key.path().as_bytes())
            ),
            most: 1,
            by: 1,
            until_ms: (stretch + 1) * CLAIM_MS,
        });
        Ok(self.ports.store().count(&counters).await? == Counted::Done)
    }

    async fn made_or_logged(
        &self,
        session: SessionId,
        key: &KeptFile,
        state: &State,
    ) -> Result<(), ApiError> {
        let made = self.make_case(session, key, state).await;
        made.map_err(|error| {
            tracing::error!(session.id = %session, error = %error, "failed to make a case file, the next request after two minutes tries again");
            ApiError::Trouble
        })
    }

    async fn make_case(
        &self,
        session: SessionId,
        key: &KeptFile,
        state: &State,
    ) -> Result<(), StoreError> {
        let signer = self.case_signer()?;
        let public = signer.public();
        let jwk = serde_json::to_string(&public).map_err(cannot)?;
        let store = self.ports.store();
        store.note_case_key(&public.thumbprint(), &jwk).await?;
        let events = self.whole_log(session, state.head).await?;
        let mut file = Making {
            bag: BagWriter::new(session),
            out: self.ports.objects().begin_case(key).await?,
        };
        let log = contents::log(session, &events);
        file.put(Digested::of(layout::LOG, &log), log).await?;
        let pictures = self
            .put_pictures(&mut file, session, state, &events)
            .await?;
        let beside = store.case_records(session).await?;
        for (name, text) in contents::texts(&events, &pictures, &beside) {
            file.put(Digested::of(name, &text), text).await?;
        }
        let info = BagInfo {
            business: self.config.business.clone(),
            origin: self.config.origin.clone(),
            made_ms: self.ports.date_ms(),
            head: state.head,
        };
        let Making { bag, mut out } = file;
        let end = bag.end(&info, |payload| signer.sign(payload));
        out.write(end.map_err(cannot)?).await?;
        out.finish().await?;
        if self.is_erased(session).await? {
            self.ports.objects().forget_case(key).await?;
        }
        Ok(())
    }

    /// Reads the log up to an event, as the agent may see it.
    async fn whole_log(&self, session: SessionId, head: u32) -> Result<Vec<Event>, StoreError> {
        let (mut events, mut after) = (Vec::new(), 0);
        while after < head {
            let limit = PAGE_EVENTS.min((head - after) as usize);
            let page = self.ports.store().events(session, after, limit).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.seq;
            events.extend(page.iter().map(|event| words::as_seen(event, Seat::Agent)));
        }
        Ok(events)
    }

    /// Adds the pictures, one in memory at a time. Returns what became of each.
    async fn put_pictures(
        &self,
        file: &mut Making<<P::Objects as CaseFiles>::Writing>,
        session: SessionId,
        state: &State,
        events: &[Event],
    ) -> Result<Vec<(LoggedPicture, Put)>, StoreError> {
        let object = |picture, through: Option<u32>| match through {
            None => Object::Base { picture },
            Some(through) => Object::Sent { picture, through },
        };
        let stands = |picture, through| standing_key(session, state, object(picture, through));
        let logged = contents::logged(events, |picture, through| {
            stands(picture, through).is_some()
        });
        let (mut done, mut number, mut bytes) = (Vec::new(), 0, 0);
        for one in logged {
            let key = stands(one.picture, one.through);
            let found = match key.filter(|_| number < PICTURES_MAX) {
                Some(key) => self.ports.objects().picture(&key, UploadBytes::MAX).await?,
                None => Found::TooLong,
            };
            let put = match found {
                Found::Nothing => Put::LeftOut("it is no longer stored"),
                Found::TooLong => Put::LeftOut("the case file would be too large"),
                Found::Bytes(picture) if bytes + picture.len() as u64 > PICTURES_BYTES_MAX => {
                    Put::LeftOut("the case file would be too large")
                }
                Found::Bytes(picture) => {
                    let name = layout::picture(number + 1);
                    let digested = Digested::of(&name, &picture);
                    let logged = one.digest.map(|digest| digest.to_string());
                    if logged.is_some_and(|logged| logged != digested.digest(Hash::Sha256)) {
                        Put::LeftOut("what is stored is not what the log has")
                    } else {
                        number += 1;
                        bytes += digested.bytes;
                        file.put(digested, picture).await?;
                        Put::As(name)
                    }
                }
            };
            done.push((one, put));
        }
        Ok(done)
    }
}

/// A case file that is being made.
struct Making<W> {
    bag: BagWriter,
    out: W,
}

impl<W: CaseWriting> Making<W> {
    async fn put(&mut self, file: Digested, bytes: Vec<u8>) -> Result<(), StoreError> {
        let head = self.bag.add(file, &bytes).map_err(cannot)?;
        self.out.write(head).await?;
        self.out.write(bytes).await
    }
}

fn cannot(error: impl fmt::Display) -> StoreError {
    StoreError {
        operation: "make a case file",
        cause: error.to_string(),
        retryable: false,
    }
}
