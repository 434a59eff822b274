//! Topic `session`: attaching, the log, the seats, the end of the call.

use sightline_session::{Answer, PageCommand, Taken, Turn, next_number};
use sightline_wire::{Attached, PageHears, Refusal, Seat, SessionCommand, SessionHears, SessionId};

use crate::connection::Speaker;
use crate::flow::Changed;
use crate::host::Host;
use crate::ports::{Connections, Ports, Sessions, StoreError};
use crate::records::{Attachment, ConnectionRecord};
use crate::words;

/// Sessions that one connection may be attached to. An agent's page has one, or two while it
/// changes from one to the other.
const ATTACHED_MAX: usize = 16;

/// Events read at a time for an answer to `resume`. A few dozen of the longest strokes fill a
/// message; events beyond it are read again for the next one.
const PIECE_EVENTS: u32 = 32;

impl<P: Ports> Host<P> {
    /// Attaches a page. It speaks for the seat unless another page holds it. No holder is
    /// displaced, so a second page may prepare and take the seat by its `join`.
    pub(crate) async fn attach_page(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
    ) -> Result<(), Refusal> {
        let session = speaker.session;
        // Overdue events depend on when the seat was heard before this message.
        let changed = self
            .change(session, |draft| speaker.may_sit(seat, &draft.state))
            .await;
        let mut changed = changed.map_err(|stop| stop.refusal(session))?;
        if let Err(refusal) = changed.answer {
            self.carry_out(&changed).await;
            return Err(refusal);
        }
        let holder = changed.after.seats.get(seat).holder;
        let speaks = holder.is_none_or(|holder| holder == speaker.page);
        let seated = self.seat(speaker, seat, speaks, &mut changed).await;
        seated.map_err(|error| refuse(session, &error))?;

        // The return is decided after the page is attached. Before, the seat would still count as
        // silent.
        let mut back = None;
        if speaks && changed.after.seats.get(seat).away.is_some() {
            let decided = self
                .change(session, |draft| {
                    draft.decide_page(seat, speaker.page, &PageCommand::Return)
                })
                .await;
            back = Some(decided.map_err(|stop| stop.refusal(session))?);
        }
        let newest = back.as_ref().unwrap_or(&changed);
        let present = |seat| is_present(newest.attachments.get(seat).as_ref());
        let attached = Attached {
            seat,
            head: speaker.head(seat, &newest.after),
            now_ms: self.ports.now_ms(),
            holds_seat: holder == Some(speaker.page),
            held_elsewhere: !speaks,
            next_n: next_number(&newest.after, seat, speaker.page),
            other_here: seat.others().any(present),
        };
        self.answer(
            speaker,
            PageHears::Session(SessionHears::Attached(attached)),
        )
        .await;
        if speaks {
            let here = PageHears::Session(SessionHears::Connection { seat, here: true });
            self.say_to_others(session, seat, &newest.attachments, here)
                .await;
        }
        self.carry_out(&changed).await;
        if let Some(back) = &back {
            self.carry_out(back).await;
        }
        Ok(())
    }

    async fn seat<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        speaks: bool,
        changed: &mut Changed<T>,
    ) -> Result<(), StoreError> {
        let record = with_seat(speaker.record, speaker.session, seat);
        if record != *speaker.record {
            self.ports
                .store()
                .put_connection(speaker.connection, record)
                .await?;
        }
        if speaks {
            self.seat_page(speaker, seat, changed).await?;
        }
        Ok(())
    }

    /// Answers a ping.
    pub(crate) async fn ping(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                speaker.resume_if_away(seat, draft);
                Ok(())
            })
            .await?;
        changed.answer?;
        let pong = SessionHears::Pong {
            head: speaker.head(seat, &changed.after),
            now_ms: self.ports.now_ms(),
        };
        self.answer(speaker, PageHears::Session(pong)).await;
        // Checked last: a page that missed losing the seat learns it here.
        speaker.reads(seat, &changed.after)
    }

    /// Sends the events after `after`, as many as fit into a message.
    pub(crate) async fn resume(&self, speaker: &Speaker<'_>, after: u32) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| speaker.reads(seat, &draft.state))
            .await?;
        changed.answer?;
        let head = changed.after.head;
        let mut filling = words::Filling::new(seat);
        let mut read = after;
        while read < head && !filling.is_full() {
            let limit = PIECE_EVENTS.min(head - read) as usize;
            let events = self
                .ports
                .store()
                .events(speaker.session, read, limit)
                .await;
            let events = events.map_err(|error| refuse(speaker.session, &error))?;
            let Some(last) = events.last() else {
                break;
            };
            read = last.seq;
            filling.take(&events);
        }
        let batch = filling.end(head);
        self.answer(speaker, PageHears::Session(SessionHears::Events(batch)))
            .await;
        Ok(())
    }

    /// Takes the goodbye of a page. It is not answered. It is ignored if the page is not the
    /// attached one: a reload was faster, or another page waits in the lobby.
    pub(crate) async fn leave(&self, speaker: &Speaker<'_>) -> Result<(), Refusal> {
        self.change_by(speaker, |draft, seat| {
            if !speaker.is_attached(seat, draft) {
                return Ok(());
            }
            draft.decide_page(seat, speaker.page, &PageCommand::Leave)
        })
        .await?;
        Ok(())
    }

    /// Takes a numbered command of any topic. It is decided once and answered every time it is
    /// repeated.
    pub(crate) async fn command(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        command: PageCommand,
    ) -> Result<(), Refusal> {
        let (seat, changed) = self
            .change_by(speaker, |draft, seat| {
                let page = speaker.page;
                let command = named_by_sign_in(&command, seat, draft);
                Ok(draft.take(Turn { seat, page, n }, &command))
            })
            .await?;
        let taken = changed.answer?;
        let head = speaker.head(seat, &changed.after);
        self.answer_taken(speaker, n, head, taken).await;
        Ok(())
    }

    /// Answers a numbered command.
    pub(super) async fn answer_taken(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        head: u32,
        taken: Taken,
    ) {
        let answer = match taken {
            Taken::Repeat(answer) | Taken::Fresh { answer, .. } => answer,
            Taken::OutOfTurn { expected } => Answer::Refused(Refusal::OutOfTurn { expected }),
        };
        self.answer(speaker, words::done(n, head, answer)).await;
    }
}

pub(crate) fn command(command: SessionCommand) -> PageCommand {
    match command {
        SessionCommand::Lobby { step } => PageCommand::Lobby { step },
        SessionCommand::Rename { name } => PageCommand::Rename { name },
        SessionCommand::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
        } => PageCommand::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
        },
        SessionCommand::Media { microphone, camera } => PageCommand::Media { microphone, camera },
        SessionCommand::Zone { utc_offset_min } => PageCommand::Zone {
            utc_offset: utc_offset_min,
        },
        SessionCommand::Cancel => PageCommand::Cancel,
        SessionCommand::End => PageCommand::End,
    }
}

/// Returns the command with the name of the sign-in, if an agent joins. The name that the page sent
/// is ignored.
fn named_by_sign_in(
    command: &PageCommand,
    seat: Seat,
    draft: &crate::flow::Draft<'_>,
) -> PageCommand {
    let mut command = command.clone();
    if let (Seat::Agent, PageCommand::Join { name, .. }) = (seat, &mut command) {
        *name = draft.state.agent_name.clone();
    }
    command
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

fn refuse(session: SessionId, error: &StoreError) -> Refusal {
    tracing::error!(session.id = %session, error = %error, "store failed");
    Refusal::Trouble
}

/// Returns whether a page is attached and its connection is open.
fn is_present(attachment: Option<&Attachment>) -> bool {
    attachment.is_some_and(|attached| attached.closed_at_ms.is_none())
}
