//! Attaching a page to a seat.

use sightline_session::{Actor, PageCommand, SystemCommand, next_number};
use sightline_wire::{Attached, FirstOffer, PageHears, Refusal, Seat, SessionHears, SessionId};

use super::Speaker;
use crate::draft::{Changed, Draft};
use crate::host::Host;
use crate::ports::{Agents, Loaded, Ports, StoreError};
use crate::records::{Attachment, ConnectionRecord};
use crate::stop::{OrAnswer, Stop};

/// Sessions that one connection may be attached to. An agent's page has one, or two while it
/// changes from one to the other.
const ATTACHED_MAX: usize = 16;

impl<P: Ports> Host<P> {
    /// Attaches a page, then passes on the offer that came along.
    pub(crate) async fn attach_and_offer(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        offer: Option<FirstOffer>,
    ) -> Result<(), Refusal> {
        let attempt = offer.as_ref().map(|offer| offer.attempt);
        let there = self.attach_page(speaker, seat, attempt).await?;
        let Some(FirstOffer { attempt, sdp }) = offer.filter(|_| there) else {
            return Ok(());
        };
        let record = with_seat(speaker.record, speaker.session, seat);
        let speaker = Speaker {
            record: &record,
            ..*speaker
        };
        self.offer(&speaker, attempt, sdp, None).await
    }

    /// Attaches a page. It speaks for the seat unless another page holds it. No holder is
    /// displaced, so a second page may prepare and take the seat by its `join`. Returns whether the
    /// connection is still there.
    async fn attach_page(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        offered: Option<u32>,
    ) -> Result<bool, Refusal> {
        let session = speaker.session;
        let was_attached = speaker.record.attached.contains(&(session, seat));
        self.must_be_signed_in(speaker, seat).await?;
        let mut changed = self.admitted(speaker, seat).await.or_refuse(session)?;
        if let Err(refusal) = changed.answer {
            self.carry_out(&changed).await;
            return Err(refusal);
        }
        let taken = changed.after.seats.get(seat);
        let holder = taken.holder;
        let speaks = !taken.is_held_by_another(speaker.page);
        let seated = self.seat(speaker, seat, speaks, &mut changed).await;
        if !seated.or_refuse(session)? {
            // The connection has closed, so nobody hears an answer.
            self.carry_out(&changed).await;
            return Ok(false);
        }

        // The return is decided after the page is attached: from then on every load counts the seat
        // as heard.
        let mut back = None;
        if speaks && changed.after.seats.get(seat).away.is_some() {
            let decided = self
                .change(session, |draft| {
                    draft.decide_page(seat, speaker.page, &PageCommand::Return)
                })
                .await;
            back = Some(decided.or_refuse(session)?);
        }
        let newest = back.as_ref().unwrap_or(&changed);
        let present = |seat| is_present(newest.attachments.get(seat).as_ref());
        let attached = Attached {
            seat,
            head: speaker.head(seat, &newest.after),
            now_ms: self.dated_now_ms(&newest.after),
            holds_seat: holder == Some(speaker.page),
            held_elsewhere: !speaks,
            next_n: next_number(&newest.after, seat, speaker.page),
            other_here: seat.others().any(present),
            offered,
        };
        let hears = PageHears::Session(SessionHears::Attached(attached));
        self.answer(speaker, hears).await;
        if speaks {
            let here = PageHears::Session(SessionHears::Connection { seat, here: true });
            self.say_to_others(session, seat, &newest.attachments, here)
                .await;
        } else if !was_attached {
            self.tell_of_guest(speaker, seat, &changed).await;
        }
        self.carry_out(&changed).await;
        if let Some(back) = &back {
            self.carry_out(back).await;
        }
        Ok(true)
    }

    /// Tells the other seats that somebody else has the link of this one: once for a connection.
    async fn tell_of_guest<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        changed: &Changed<T>,
    ) {
        // An agent's second page has no link, but a sign-in.
        if seat != Seat::Agent {
            let guest = PageHears::Session(SessionHears::Guest { seat });
            self.say_to_others(speaker.session, seat, &changed.attachments, guest)
                .await;
        }
    }

    /// A connection may outlive its agent's sign-in by a moment.
    async fn must_be_signed_in(&self, speaker: &Speaker<'_>, seat: Seat) -> Result<(), Refusal> {
        let (Seat::Agent, Some((agent, _)), Some(sign_in)) =
            (seat, speaker.record.agent, speaker.record.sign_in)
        else {
            return Ok(());
        };
        let over = self.is_over_for(agent, sign_in).await;
        match over.or_refuse(speaker.session)? {
            true => Err(Refusal::NoSeat),
            false => Ok(()),
        }
    }

    /// Checks that a page may sit. An agent who opens a call that waits for one takes it.
    async fn admitted(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
    ) -> Result<Changed<Result<(), Refusal>>, Stop> {
        let admit = |draft: &mut Draft<'_>| speaker.may_sit(seat, &draft.state);
        let heard = |loaded: &Loaded| speaker.heard_by_attaching(seat, loaded);
        let first = self.change_heard(speaker.session, heard, admit).await?;
        let (Seat::Agent, false) = (seat, first.after.has_agent()) else {
            return Ok(first);
        };
        let Some(take) = self.taking(speaker).await? else {
            return Ok(first);
        };
        self.carry_out(&first).await;
        let take = |draft: &mut Draft<'_>| {
            // A refusal means that somebody else was first, or that the call is over.
            let _ = draft.decide_system(Actor::AgentApi, &take);
            speaker.may_sit(seat, &draft.state)
        };
        self.change_heard(speaker.session, heard, take).await
    }

    /// Returns the command by which this page's agent takes a call.
    async fn taking(&self, speaker: &Speaker<'_>) -> Result<Option<SystemCommand>, StoreError> {
        let Some((agent, _)) = speaker.record.agent else {
            return Ok(None);
        };
        let known = self.ports.store().agents(self.ports.erase_ms()).await?;
        let known = known.into_iter().find(|known| known.agent == agent);
        let agent_name = known.map(|known| known.name);
        Ok(agent_name.map(|agent_name| SystemCommand::TakeCall { agent, agent_name }))
    }

    /// Returns whether the connection is still there.
    async fn seat<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        speaks: bool,
        changed: &mut Changed<T>,
    ) -> Result<bool, StoreError> {
        let attach = |record: &ConnectionRecord| with_seat(record, speaker.session, seat);
        let there = self
            .change_connection(speaker.connection, speaker.record, attach)
            .await?;
        if there && speaks {
            self.seat_page(speaker, seat, changed).await?;
        }
        Ok(there)
    }
}

fn with_seat(record: &ConnectionRecord, session: SessionId, seat: Seat) -> ConnectionRecord {
    let mut record = record.clone();
    if !record.attached.contains(&(session, seat)) {
        record.attached.retain(|(attached, _)| *attached != session);
        record.attached.push((session, seat));
        let surplus = record.attached.len().saturating_sub(ATTACHED_MAX);
        record.attached.drain(..surplus);
    }
    record
}

/// Returns whether a page is attached and its connection is open.
fn is_present(attachment: Option<&Attachment>) -> bool {
    attachment.is_some_and(|attached| attached.closed_at_ms.is_none())
}
