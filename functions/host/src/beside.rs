//! A call afterwards: what is known of it, its notes, its ratings.

use sightline_session::{NotePlace, State, add_note, edit_note, rate, rate_until_ms};
use sightline_wire::api::ApiError;
use sightline_wire::beside::{self, CallDetail, MinuteQuality, Rate, SeatQuality};
use sightline_wire::{NoteText, Refusal, Seat, SessionId};

use crate::access::{Viewer, may_see};
use crate::draft::Draft;
use crate::host::Host;
use crate::ports::{BesideLog, CallMinutes, Ports};
use crate::records::{BesideRecord, CallMinute, CaseRecords, NoteRecord, RatingRecord};
use crate::stop::OrAnswer;

const MINUTE_MS: u64 = 60_000;

impl<P: Ports> Host<P> {
    /// Returns everything of a call but its log and its pictures.
    pub(crate) async fn call_detail(
        &self,
        viewer: &Viewer,
        session: SessionId,
    ) -> Result<CallDetail, ApiError> {
        const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
        let loaded = self.load(session).await.or_fail(session)?;
        let loaded = loaded.ok_or(ApiError::NotFound)?;
        may_see(viewer, &loaded.state)?;
        let delete_at_s = loaded.delete_at_s;
        let state = self.due_state(loaded);
        let store = self.ports.store();
        let records = store.case_records(session).await.or_fail(session)?;
        let mut quality = Vec::new();
        for seat in Seat::ALL {
            let minutes = store.minutes(session, seat).await.or_fail(session)?;
            quality.push(quality_of(seat, minutes));
        }
        let config = &self.config;
        let rate_until_ms = rate_until_ms(&state, Seat::Agent, &config.rules).ok();
        let now_ms = self.ports.now_ms();
        let rate_until_ms =
            rate_until_ms.filter(|until_ms| viewer.agent == state.agent && now_ms < *until_ms);
        let picture_ms = u64::from(config.picture_days) * DAY_MS;
        let customer = state.seats.get(Seat::Customer);
        let arrived = customer.arrival.as_ref();
        Ok(CallDetail {
            session,
            reference: state.reference.clone(),
            number: state.number.clone(),
            agent_name: state.agent_name.clone(),
            customer_name: customer.name.clone().filter(|_| customer.joined()),
            utc_offset_min: state.utc_offset,
            at_ms: state.began_at_ms,
            ended: state.ended,
            arrival: arrived.map(|arrived| arrived.with.clone()),
            rate_until_ms: rate_until_ms.map(|until_ms| state.dated(until_ms)),
            located: state.located,
            ratings: ratings_of(&records),
            notes: notes_of(records.notes),
            quality,
            goes_ms: delete_at_s.saturating_mul(1_000),
            line_goes_ms: config.summary_delete_at_s(state.began_at_ms) * 1_000,
            pictures_go_ms: state.began_at_ms.saturating_add(picture_ms),
            kept_days: arrived
                .and_then(|arrived| arrived.kept_days)
                .unwrap_or(config.rules.kept_days),
        })
    }

    /// Writes a note, or a further text of note `n`. Returns all notes.
    ///
    /// # Errors
    /// `not_found` for a call of others and for a note that does not exist, `limit_reached`.
    pub(crate) async fn write_note(
        &self,
        viewer: &Viewer,
        session: SessionId,
        n: Option<u8>,
        text: NoteText,
    ) -> Result<beside::Notes, ApiError> {
        let changed = self
            .change(session, |draft| note(draft, viewer, n, text.clone()))
            .await
            .or_fail(session)?;
        self.carry_out(&changed).await;
        changed.answer?;
        let store = self.ports.store();
        let records = store.case_records(session).await.or_fail(session)?;
        Ok(beside::Notes {
            notes: notes_of(records.notes),
        })
    }

    /// Stores the rating of a seat. `is_of` says whether the request comes from that seat of this
    /// session.
    ///
    /// # Errors
    /// `call_running`, `too_late`, `not_joined`, and `not_found` where `is_of` says no.
    pub(crate) async fn rate_call(
        &self,
        session: SessionId,
        given: Rate,
        is_of: impl Fn(&State) -> bool + Send + Sync,
    ) -> Result<(), ApiError> {
        let changed = self
            .change(session, |draft| {
                if is_of(&draft.state) {
                    rated(draft, given.clone())
                } else {
                    Err(ApiError::NotFound)
                }
            })
            .await
            .or_fail(session)?;
        self.carry_out(&changed).await;
        changed.answer
    }
}

fn note(
    draft: &mut Draft<'_>,
    viewer: &Viewer,
    n: Option<u8>,
    text: NoteText,
) -> Result<(), ApiError> {
    may_see(viewer, &draft.state)?;
    let place = match n {
        None => add_note(&mut draft.state).map(Some),
        Some(n) => edit_note(&mut draft.state, n),
    };
    let place: NotePlace = place.map_err(refused)?.ok_or(ApiError::NotFound)?;
    draft.beside.push(BesideRecord::Note(NoteRecord {
        place,
        author: viewer.agent,
        author_name: viewer.name.clone(),
        at_ms: draft.state.dated(draft.now_ms),
        text,
    }));
    Ok(())
}

fn rated(draft: &mut Draft<'_>, given: Rate) -> Result<(), ApiError> {
    if draft.state.ended.is_none() {
        return Err(ApiError::CallRunning);
    }
    let Rate {
        seat,
        stars,
        comment,
    } = given;
    let rules = draft.rules();
    rate(&mut draft.state, seat, stars, draft.now_ms, rules).map_err(refused)?;
    let at_ms = draft.state.dated(draft.now_ms);
    let rating = RatingRecord {
        stars,
        comment,
        at_ms,
    };
    draft.beside.push(BesideRecord::Rating(seat, rating));
    Ok(())
}

const fn refused(refusal: Refusal) -> ApiError {
    ApiError::Refused { refusal }
}

fn quality_of(seat: Seat, minutes: Vec<CallMinute>) -> SeatQuality {
    let shown = |minute: CallMinute| MinuteQuality {
        at_ms: minute.minute.saturating_mul(MINUTE_MS),
        moments: minute.moments,
    };
    SeatQuality {
        seat,
        minutes: minutes.into_iter().map(shown).collect(),
    }
}

fn ratings_of(records: &CaseRecords) -> Vec<beside::Rating> {
    let given = records.ratings.iter();
    let given = given.filter_map(|(seat, rating)| Some((seat, rating.as_ref()?)));
    given
        .map(|(seat, rating)| beside::Rating {
            seat,
            stars: rating.stars,
            comment: rating.comment.clone(),
            at_ms: rating.at_ms,
        })
        .collect()
}

/// Groups the texts of notes, which come by note and then by version.
fn notes_of(texts: Vec<NoteRecord>) -> Vec<beside::Note> {
    let mut notes: Vec<beside::Note> = Vec::new();
    for NoteRecord {
        place,
        author_name,
        at_ms,
        text,
        ..
    } in texts
    {
        let version = beside::NoteVersion {
            author: author_name,
            at_ms,
            text,
        };
        match notes.last_mut().filter(|last| last.n == place.n) {
            Some(last) => last.texts.push(version),
            None => notes.push(beside::Note {
                n: place.n,
                texts: vec![version],
            }),
        }
    }
    notes
}
