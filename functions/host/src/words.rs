//! Messages of the wire, made from the session's types as a seat may see them.

use serde::Serialize;
use sightline_session::{Answer, Event, Fact};
use sightline_wire::{
    Batch, Done, EventKind, MESSAGE_BYTES_MAX, PageHears, Refusal, RelayHears, Seat, SessionHears,
    SessionId, ToPage, ToRelay,
};

/// Room for the envelope around the events of a batch.
const ENVELOPE_BYTES: usize = 256;

/// A message to a page, as text.
///
/// # Errors
/// The message is longer than a page reads. The one who asked for it is refused.
pub(crate) fn to_page(session: Option<SessionId>, hears: PageHears) -> Result<String, Refusal> {
    within_limit(json_of(&ToPage { session, hears }))
}

/// A message to a relay, as text.
///
/// # Errors
/// The message is longer than a relay reads. The one who asked for it is refused.
pub(crate) fn to_relay(hears: RelayHears) -> Result<String, Refusal> {
    within_limit(json_of(&ToRelay::Relay(hears)))
}

fn json_of(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("words of the wire are plain JSON")
}

/// A message gets another envelope on its way, so that what came in within the limit could leave
/// beyond it. The next hop would take that as trouble of the whole connection.
fn within_limit(text: String) -> Result<String, Refusal> {
    if text.len() > MESSAGE_BYTES_MAX {
        return Err(Refusal::TooLong);
    }
    Ok(text)
}

/// The refusal of a message other than a durable command.
pub(crate) fn refused(refusal: Refusal) -> PageHears {
    PageHears::Session(SessionHears::Refused { refusal })
}

/// The answer to a durable command.
pub(crate) fn done(n: u32, head: u32, answer: Answer) -> PageHears {
    let refused = match answer {
        Answer::Done => None,
        Answer::Refused(refusal) => Some(refusal),
    };
    PageHears::Session(SessionHears::Done(Done { n, head, refused }))
}

/// What a plug sends to a connection on [`crate::limits::flood::Flow::Warn`].
#[must_use]
pub fn too_often() -> String {
    json_of(&ToPage {
        session: None,
        hears: refused(Refusal::TooOften),
    })
}

/// What a plug sends to a connection before a close that cannot carry the code itself.
#[must_use]
pub fn closing(code: u16) -> String {
    json_of(&ToPage {
        session: None,
        hears: PageHears::Session(SessionHears::Closing { code }),
    })
}

/// Returns as many of these events as fit into one message. `more` is set if some did not fit, or
/// if the log goes on after them.
pub(crate) fn batch(events: &[Event], seat: Seat, head: u32) -> Batch {
    let mut filling = Filling::new(seat);
    filling.take(events);
    filling.end(head)
}

/// A message of events being filled, for a log that is read in pieces.
pub(crate) struct Filling {
    seat: Seat,
    left: usize,
    fitting: Vec<sightline_wire::Event>,
    full: bool,
}

impl Filling {
    pub(crate) const fn new(seat: Seat) -> Self {
        Self {
            seat,
            left: MESSAGE_BYTES_MAX - ENVELOPE_BYTES,
            fitting: Vec::new(),
            full: false,
        }
    }

    /// Takes the next events, as far as they fit.
    pub(crate) fn take(&mut self, events: &[Event]) {
        for event in events {
            let event = as_seen(event, self.seat);
            let bytes = serde_json::to_string(&event).map_or(usize::MAX, |text| text.len() + 1);
            let rest = self.left.checked_sub(bytes).filter(|_| !self.full);
            let Some(rest) = rest else {
                self.full = true;
                return;
            };
            self.left = rest;
            self.fitting.push(event);
        }
    }

    /// Whether an event did not fit.
    pub(crate) const fn is_full(&self) -> bool {
        self.full
    }

    pub(crate) fn end(self, head: u32) -> Batch {
        let last = self.fitting.last().map(|last| last.seq);
        let head = last.map_or(head, |last| head.max(last));
        Batch {
            more: self.full || last.is_some_and(|last| last < head),
            events: self.fitting,
            head,
        }
    }
}

/// Returns an event as this seat may see it: only the agent receives number and reference, and
/// no seat receives the agent's id, the ids of pages, or what a person joined with.
pub(crate) fn as_seen(event: &Event, seat: Seat) -> sightline_wire::Event {
    let for_agent = seat == Seat::Agent;
    let kind = match event.fact.clone() {
        Fact::InviteIssued {
            agent: _,
            agent_name,
            number,
            reference,
            language,
            expires_at_ms,
            ends_at_ms: _,
        } => EventKind::InviteIssued {
            agent_name,
            language,
            number: number.filter(|_| for_agent),
            reference: for_agent.then_some(reference),
            expires_at_ms,
        },
        Fact::CallTaken {
            agent: _,
            agent_name,
        } => EventKind::CallTaken { agent_name },
        Fact::Joined {
            seat,
            page: _,
            name,
            video_only,
            arrival: _,
        } => EventKind::Joined {
            seat,
            name,
            video_only,
        },
        Fact::Moved {
            seat,
            page: _,
            video_only,
            arrival: _,
        } => EventKind::Moved { seat, video_only },
        Fact::Public(fact) => EventKind::Public(fact),
    };
    sightline_wire::Event {
        seq: event.seq,
        at_ms: event.at_ms,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use sightline_wire::{
        AgentId, CaptureTrouble, ChatText, DisplayName, Ink, Language, Line, PageId, PhoneNumber,
        PictureSource, Pressure, PublicFact, Reference, Stroke, Strokes, UtcOffset,
    };

    use super::*;

    fn said(seq: u32, text: &str) -> Event {
        let text = ChatText::new(text).unwrap();
        Event {
            seq,
            at_ms: u64::from(seq),
            fact: Fact::Public(PublicFact::Said {
                seat: Seat::Agent,
                text,
            }),
        }
    }

    /// A stroke at its limits.
    fn drawn(seq: u32) -> Event {
        let line = Line::new(vec![u16::MAX; 2 * Line::POINTS_MAX]).unwrap();
        let pressure = Pressure::new(vec![u8::MAX; Line::POINTS_MAX]).unwrap();
        let fact = Fact::Public(PublicFact::Drawn {
            seat: Seat::Customer,
            picture: u32::MAX,
            stroke: Stroke {
                mark: u32::MAX,
                ink: Ink::Pen {
                    line,
                    pressure: Some(pressure),
                },
            },
        });
        let at_ms = u64::from(seq);
        Event { seq, at_ms, fact }
    }

    /// All strokes of a full board at once.
    fn undone(seq: u32) -> Event {
        let fact = Fact::Public(PublicFact::Undone {
            seat: Seat::Customer,
            picture: u32::MAX,
            strokes: vec![u32::MAX; 1_000],
        });
        let at_ms = u64::from(seq);
        Event { seq, at_ms, fact }
    }

    #[test]
    fn a_batch_never_exceeds_a_message_and_says_that_there_is_more() {
        let session = Some(SessionId::from_bytes([1; 16]));
        let (wide, quoted) = ("漢".repeat(2_000), "\"".repeat(2_000));
        let kinds: [&dyn Fn(u32) -> Event; 6] = [
            &|seq| said(seq, &wide),
            &|seq| said(seq, &quoted),
            &|seq| said(seq, "x"),
            &drawn,
            &undone,
            &|seq| match seq % 3 {
                0 => drawn(seq),
                1 => undone(seq),
                _ => said(seq, &wide),
            },
        ];
        for kind in kinds {
            let events: Vec<Event> = (1..=1_000).map(kind).collect();
            let (mut after, mut batches) = (0, 0);
            while let Some(rest) = events.get(after..).filter(|rest| !rest.is_empty()) {
                let batch = batch(rest, Seat::Customer, 1_000);
                assert!(!batch.events.is_empty());
                after += batch.events.len();
                assert_eq!(batch.more, after < events.len());
                let hears = PageHears::Session(SessionHears::Events(batch));
                assert!(to_page(session, hears).is_ok());
                batches += 1;
            }
            assert!(batches > 1);
        }
    }

    #[test]
    fn strokes_of_one_command_at_their_limits_are_pushed_as_far_as_they_fit_and_the_rest_is_asked_for()
     {
        let events: Vec<Event> = (1..=Strokes::COUNT_MAX as u32).map(drawn).collect();
        let batch = batch(&events, Seat::Agent, Strokes::COUNT_MAX as u32);
        assert!(batch.more && batch.events.len() >= 2);
        assert_eq!(batch.head, Strokes::COUNT_MAX as u32);
    }

    #[test]
    fn both_seats_hear_the_same_of_pictures_and_strokes() {
        let seat = Seat::Agent;
        let picture = 3;
        let facts = [
            Fact::Public(PublicFact::ZoneTold {
                utc_offset_min: UtcOffset::new(60).unwrap(),
            }),
            Fact::Public(PublicFact::CaptureAsked {
                seat,
                source: PictureSource::Camera,
            }),
            Fact::Public(PublicFact::CaptureFailed {
                picture,
                why: CaptureTrouble::CameraOff,
            }),
            Fact::Public(PublicFact::PictureKept {
                picture,
                width: 4,
                height: 3,
                low_resolution: false,
                digest: None,
            }),
            drawn(4).fact,
            undone(5).fact,
            Fact::Public(PublicFact::PictureSent {
                seat,
                picture,
                through: 5,
                width: 4,
                height: 3,
                digest: None,
                base: None,
            }),
            Fact::Public(PublicFact::PictureDeleted { seat, picture }),
        ];
        for (seq, fact) in (1..).zip(facts) {
            let at_ms = 1;
            let event = Event { seq, at_ms, fact };
            assert_eq!(
                as_seen(&event, Seat::Agent),
                as_seen(&event, Seat::Customer)
            );
        }
    }

    /// The texts in a fact that a seat must not receive. A new variant with private fields does not
    /// compile until its secrets are listed here.
    fn secrets(fact: &Fact, seat: Seat) -> Vec<String> {
        match fact {
            Fact::InviteIssued {
                agent,
                number,
                reference,
                ends_at_ms,
                ..
            } => {
                let mut secrets = vec![agent.to_string(), ends_at_ms.to_string()];
                if seat != Seat::Agent {
                    secrets.extend(number.iter().map(|number| number.as_str().to_owned()));
                    secrets.push(reference.as_str().to_owned());
                }
                secrets
            }
            Fact::CallTaken { agent, .. } => vec![agent.to_string()],
            Fact::Joined { page, .. } | Fact::Moved { page, .. } => vec![page.to_string()],
            Fact::Public(_) => Vec::new(),
        }
    }

    #[test]
    fn a_private_field_reaches_no_seat_that_may_not_see_it() {
        let (seat, page) = (Seat::Customer, PageId::from_bytes([0xB7; 16]));
        let name = DisplayName::new("Ada").unwrap();
        let facts = [
            Fact::InviteIssued {
                agent: AgentId::from_bytes([0xA7; 16]),
                agent_name: name.clone(),
                number: Some(PhoneNumber::new("+4915123456789").unwrap()),
                reference: Reference::new("CLAIM-2026-1").unwrap(),
                language: Language::new("de").unwrap(),
                expires_at_ms: 1_800_000_000_001,
                ends_at_ms: 1_900_000_000_002,
            },
            Fact::CallTaken {
                agent: AgentId::from_bytes([0xA8; 16]),
                agent_name: name.clone(),
            },
            Fact::Joined {
                seat,
                page,
                name,
                video_only: false,
                arrival: None,
            },
            Fact::Moved {
                seat,
                page,
                video_only: false,
                arrival: None,
            },
        ];
        for (seq, fact) in (1..).zip(facts) {
            let event = Event {
                seq,
                at_ms: 1,
                fact,
            };
            for seat in Seat::ALL {
                let said = serde_json::to_string(&as_seen(&event, seat)).unwrap();
                for secret in secrets(&event.fact, seat) {
                    assert!(!said.contains(&secret), "{seat:?}: {said}");
                }
            }
        }
    }

    #[test]
    fn page_ids_stay_inside() {
        let fact = Fact::Moved {
            seat: Seat::Agent,
            page: PageId::from_bytes([9; 16]),
            video_only: true,
            arrival: None,
        };
        let event = Event {
            seq: 1,
            at_ms: 1,
            fact,
        };
        let text = serde_json::to_string(&as_seen(&event, Seat::Agent)).unwrap();
        assert_eq!(
            text,
            r#"{"seq":1,"at_ms":1,"type":"moved","seat":"agent","video_only":true}"#
        );
    }
}
