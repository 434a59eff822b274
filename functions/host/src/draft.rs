//! A loaded session on which commands are decided, and what became of it.

use sightline_session::{
    Actor, Event, Fact, Heard, Invitation, PageCommand, Rules, State, SystemCommand, Taken, Turn,
    apply, begin, decide_page, decide_system, due, next_number, open_upload, refuse, take,
};
use sightline_wire::{InviteSecret, PageId, Refusal, Seat, Seats, SessionId, Upload, UploadBytes};

use crate::ports::{Loaded, Ports};
use crate::records::{Attachment, BesideRecord, InviteHash};

/// When a session is loaded or begun.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    /// By the clock of the deadlines, milliseconds.
    pub(crate) ms: u64,
    /// How far the time of day is ahead of it, milliseconds.
    pub(crate) ahead_ms: i64,
}

impl Now {
    pub(crate) fn of(ports: &impl Ports) -> Self {
        Self {
            ms: ports.now_ms(),
            ahead_ms: ports.ahead_ms(),
        }
    }
}

/// A loaded session with overdue events applied, on which commands are decided.
pub(crate) struct Draft<'a> {
    rules: &'a Rules,
    pub(crate) state: State,
    pub(crate) attachments: Seats<Option<Attachment>>,
    pub(crate) now_ms: u64,
    pub(crate) events: Vec<Event>,
    pub(crate) secrets: Vec<InviteSecret>,
    pub(crate) code: Option<InviteHash>,
    pub(crate) beside: Vec<BesideRecord>,
}

/// A session after a change, or unchanged if nothing was to change.
pub(crate) struct Changed<T> {
    pub(crate) session: SessionId,
    /// What the deciding function returned.
    pub(crate) answer: T,
    pub(crate) before: State,
    pub(crate) after: State,
    pub(crate) events: Vec<Event>,
    /// Secrets that lead to the session since this change.
    pub(crate) secrets: Vec<InviteSecret>,
    /// The code that leads to the session since this change.
    pub(crate) code: Option<InviteHash>,
    /// Notes and ratings of this change.
    pub(crate) beside: Vec<BesideRecord>,
    /// The attachment of each seat. A topic that attaches a page updates it.
    pub(crate) attachments: Seats<Option<Attachment>>,
    /// Attachments that a new attachment replaced.
    pub(crate) displaced: Seats<Option<Attachment>>,
    /// Time of the load, epoch milliseconds.
    pub(crate) now_ms: u64,
}

impl<'a> Draft<'a> {
    /// Returns a stored session with its overdue events applied. The seat that is `speaking` is
    /// heard at this moment, whatever the stored attachment says.
    pub(crate) fn of(loaded: Loaded, speaking: Option<Seat>, now: Now, rules: &'a Rules) -> Self {
        let now_ms = now.ms;
        let heard = Seats::from_fn(|seat| {
            if speaking == Some(seat) {
                return Some(Heard {
                    at_ms: now_ms,
                    closed_at_ms: None,
                });
            }
            let attachment = loaded.attachments.get(seat).as_ref();
            attachment.map(Attachment::heard)
        });
        let mut draft = Self {
            rules,
            state: loaded.state,
            attachments: loaded.attachments,
            now_ms,
            events: Vec::new(),
            secrets: Vec::new(),
            code: None,
            beside: Vec::new(),
        };
        draft.state.date(now.ahead_ms);
        let overdue = due(&draft.state, &heard, now_ms, rules);
        draft.apply(overdue);
        draft
    }

    /// Returns a new session, which begins with its invitation.
    pub(crate) fn new(invitation: Invitation, now: Now, rules: &'a Rules) -> Self {
        let now_ms = now.ms;
        let (state, issued) = begin(invitation, now_ms, now.ahead_ms, rules);
        Self {
            rules,
            state,
            attachments: Seats::default(),
            now_ms,
            events: vec![issued],
            secrets: Vec::new(),
            code: None,
            beside: Vec::new(),
        }
    }

    /// Decides a page's command that carries no number, and applies the resulting facts.
    pub(crate) fn decide_page(
        &mut self,
        seat: Seat,
        page: PageId,
        command: &PageCommand,
    ) -> Result<(), Refusal> {
        let facts = self.foresee(seat, page, command)?;
        self.apply(facts);
        Ok(())
    }

    /// Decides a system command and applies the resulting facts. Returns whether there are any.
    pub(crate) fn decide_system(
        &mut self,
        actor: Actor,
        command: &SystemCommand,
    ) -> Result<bool, Refusal> {
        let facts = self.foresee_system(actor, command)?;
        let any = !facts.is_empty();
        self.apply(facts);
        Ok(any)
    }

    fn apply(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            self.events.push(apply(&mut self.state, fact, self.now_ms));
        }
    }

    /// Takes a page's numbered command.
    pub(crate) fn take(&mut self, turn: Turn, command: &PageCommand) -> Taken {
        let taken = take(&mut self.state, turn, command, self.now_ms, self.rules);
        if let Taken::Fresh { events, .. } = &taken {
            self.events.extend(events.iter().cloned());
        }
        taken
    }

    /// Answers a page's numbered command with a refusal that the caller decided.
    pub(crate) fn refuse(&mut self, turn: Turn, refusal: Refusal) -> Taken {
        refuse(&mut self.state, turn, refusal)
    }

    /// Notes that a page may send an upload.
    pub(crate) fn open_upload(
        &mut self,
        upload: Upload,
        bytes: UploadBytes,
    ) -> Result<(), Refusal> {
        open_upload(&mut self.state, upload, bytes, self.now_ms, self.rules)
    }

    /// Returns whether this is the next number of its page, so that [`Draft::take`] would decide
    /// and not repeat an answer.
    pub(crate) fn expects(&self, turn: Turn) -> bool {
        next_number(&self.state, turn.seat, turn.page) == turn.n
    }

    /// Returns the facts that a page's command would result in. Changes nothing.
    pub(crate) fn foresee(
        &self,
        seat: Seat,
        page: PageId,
        command: &PageCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_page(&self.state, seat, page, command, self.now_ms, self.rules)
    }

    /// Returns the facts that a system command would result in. Changes nothing.
    pub(crate) fn foresee_system(
        &self,
        actor: Actor,
        command: &SystemCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_system(&self.state, actor, command, self.now_ms, self.rules)
    }

    /// Adds an invite whose secret leads to this session from this commit on.
    pub(crate) fn invite(&mut self, secret: InviteSecret) {
        self.lead_in_by(InviteHash::of(&secret));
        self.secrets.push(secret);
    }

    /// Adds the code of a renewed link, likewise.
    pub(crate) fn invite_by_code(&mut self, code: InviteHash) {
        self.lead_in_by(code);
        self.code = Some(code);
    }

    /// Since a renewal, only the links and codes that were made after it lead in.
    fn lead_in_by(&mut self, link: InviteHash) {
        if self.state.links_renewed > 0 {
            self.state.leading.push(link.into());
        }
    }

    /// The limits of sessions.
    pub(crate) const fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// Ends the decisions.
    pub(crate) fn changed<T>(mut self, session: SessionId, before: State, answer: T) -> Changed<T> {
        // A clock that was set is no change by itself: only an event carries it into the log.
        if self.events.is_empty() {
            self.state.dates_ahead_ms = before.dates_ahead_ms;
        }
        Changed {
            session,
            answer,
            before,
            after: self.state,
            events: self.events,
            secrets: self.secrets,
            code: self.code,
            beside: self.beside,
            attachments: self.attachments,
            displaced: Seats::default(),
            now_ms: self.now_ms,
        }
    }
}

impl<T> Changed<T> {
    /// Returns whether there is anything to store.
    pub(crate) fn is_change(&self) -> bool {
        self.after != self.before || !self.secrets.is_empty() || !self.beside.is_empty()
    }
}
