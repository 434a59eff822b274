//! The log in words, for the files of a case that people read. Plain English: a case file is read
//! far from the pages and their languages.

use sightline_wire::{
    CaptureTrouble, EndReason, Event, EventKind, LobbyStep, PictureSource, PublicFact, Seat, Seats,
    SmsFailure,
};

use super::guest;

/// The names of the people, as far as the log was read.
#[derive(Debug, Default)]
pub struct Names(Seats<Option<String>>);

impl Names {
    /// Takes the names of an event over.
    pub fn follow(&mut self, event: &Event) {
        let (seat, name) = match &event.kind {
            EventKind::InviteIssued { agent_name, .. } | EventKind::CallTaken { agent_name } => {
                (Seat::Agent, agent_name)
            }
            EventKind::Joined { seat, name, .. } => (*seat, name),
            EventKind::Public(PublicFact::Renamed { name }) => (Seat::Customer, name),
            EventKind::Moved { .. } | EventKind::Public(_) => return,
        };
        *self.0.get_mut(seat) = Some(name.as_str().to_owned());
    }

    /// Returns seat and name, such as `customer (Guest)`.
    #[must_use]
    pub fn of(&self, seat: Seat) -> String {
        let role = role(seat);
        match self.0.get(seat) {
            Some(name) => format!("{role} ({name})"),
            None => role.to_owned(),
        }
    }
}

/// Returns the word for a seat.
#[must_use]
pub const fn role(seat: Seat) -> &'static str {
    match seat {
        Seat::Agent => "agent",
        Seat::Customer => "customer",
    }
}

/// Returns an event in words; `None` for what stands elsewhere in the case: chat, and single
/// strokes.
#[must_use]
pub fn told(event: &Event, names: &Names) -> Option<String> {
    Some(match &event.kind {
        EventKind::InviteIssued {
            number, reference, ..
        } => {
            let number = number.as_ref().map(|number| number.as_str());
            let reference = reference.as_ref().map(|reference| reference.as_str());
            format!(
                "{} invites, reference {}, number {}",
                names.of(Seat::Agent),
                reference.unwrap_or("none"),
                number.unwrap_or("none")
            )
        }
        EventKind::CallTaken { .. } => format!("{} took the call", names.of(Seat::Agent)),
        EventKind::Joined {
            seat, video_only, ..
        } => format!("{} joined{}", names.of(*seat), without_sound(*video_only)),
        EventKind::Moved { seat, video_only } => format!(
            "{} moved to another page{}",
            names.of(*seat),
            without_sound(*video_only)
        ),
        EventKind::Public(fact) => return public(fact, names),
    })
}

const fn without_sound(video_only: bool) -> &'static str {
    match video_only {
        true => ", video only",
        false => "",
    }
}

fn public(fact: &PublicFact, names: &Names) -> Option<String> {
    Some(match fact {
        PublicFact::SmsAttempted { attempt } => format!("text message {attempt} is sent"),
        PublicFact::SmsAccepted { attempt } => format!("text message {attempt} was accepted"),
        PublicFact::SmsFailed { attempt, why } => {
            format!("text message {attempt} failed: {}", why_no_sms(*why))
        }
        PublicFact::LinkMade => "agent made another link".to_owned(),
        PublicFact::LinksRenewed => "agent took back every link and made a new one".to_owned(),
        PublicFact::LinkOpened => "link opened".to_owned(),
        PublicFact::LobbyReached { step } => format!("customer before joining: {}", lobby(*step)),
        PublicFact::Renamed { name } => format!("customer is called {}", name.as_str()),
        PublicFact::Lost { seat } => format!("{} was lost", names.of(*seat)),
        PublicFact::Resumed { seat } => format!("{} is back", names.of(*seat)),
        PublicFact::Left { seat } => format!("{} left", names.of(*seat)),
        PublicFact::MediaChanged {
            seat,
            microphone,
            camera,
        } => format!(
            "{}: microphone {}, camera {}",
            names.of(*seat),
            on(*microphone),
            on(*camera)
        ),
        PublicFact::ZoneTold { utc_offset_min } => {
            format!(
                "customer's clock is {} minutes ahead of UTC",
                utc_offset_min.minutes()
            )
        }
        PublicFact::Ended { why } => format!("call ended: {}", ended(*why)),
        PublicFact::Said { .. }
        | PublicFact::Drawn { .. }
        | PublicFact::Undone { .. }
        | PublicFact::Redone { .. } => return None,
        fact => {
            let people = (names.of(Seat::Agent), names.of(Seat::Customer));
            let about_devices = guest::told(fact, &people.0, &people.1);
            return about_devices.or_else(|| picture(fact, names));
        }
    })
}

fn picture(fact: &PublicFact, names: &Names) -> Option<String> {
    Some(match fact {
        PublicFact::CaptureAsked { seat, source } => match source {
            PictureSource::Camera => format!("{} took a picture", names.of(*seat)),
            PictureSource::Gallery => format!("{} chose a picture", names.of(*seat)),
        },
        PublicFact::CaptureRepeated { seat, picture, .. } => {
            format!("{} asked for picture {picture} again", names.of(*seat))
        }
        PublicFact::CaptureFailed { picture, why } => {
            format!("picture {picture} failed: {}", why_no_picture(*why))
        }
        PublicFact::PictureKept {
            picture,
            width,
            height,
            low_resolution,
            ..
        } => {
            let low = if *low_resolution {
                ", low resolution"
            } else {
                ""
            };
            format!("picture {picture} is stored, {width} x {height}{low}")
        }
        PublicFact::PictureDeleted { seat, picture } => {
            format!("{} deleted picture {picture}", names.of(*seat))
        }
        PublicFact::BoardOpened { seat, picture } => {
            format!("{} opened picture {picture}", names.of(*seat))
        }
        PublicFact::BoardClosed { seat, picture } => {
            format!("{} closed picture {picture}", names.of(*seat))
        }
        PublicFact::Cleared { picture } => {
            format!("agent removed all strokes of picture {picture}")
        }
        PublicFact::PictureSent { seat, picture, .. } => {
            format!("{} sent picture {picture} to the chat", names.of(*seat))
        }
        _ => return None,
    })
}

const fn on(on: bool) -> &'static str {
    match on {
        true => "on",
        false => "off",
    }
}

const fn lobby(step: LobbyStep) -> &'static str {
    match step {
        LobbyStep::InLobby => "in the lobby",
        LobbyStep::Asking => "asked for camera or microphone",
        LobbyStep::Joining => "joining",
        LobbyStep::CameraDenied => "camera denied",
        LobbyStep::CameraAbsent => "no camera",
        LobbyStep::CameraBusy => "camera in use",
        LobbyStep::MicrophoneDenied => "microphone denied",
        LobbyStep::MicrophoneAbsent => "no microphone",
        LobbyStep::NoAnswer => "did not answer the browser",
        LobbyStep::InAppBrowser => "in an app whose browser has no camera",
        LobbyStep::ConnectionBlocked => "the network blocks the connection",
        LobbyStep::CookiesBlocked => "the browser keeps no cookies",
    }
}

const fn ended(why: EndReason) -> &'static str {
    match why {
        EndReason::AgentEnded => "by the agent",
        EndReason::CustomerEnded => "by the customer",
        EndReason::InviteCancelled => "the agent cancelled the invitation",
        EndReason::InviteExpired => "the invitation expired",
        EndReason::NobodyHeard => "nobody was heard for too long",
        EndReason::TooLong => "the longest duration was reached",
    }
}

const fn why_no_sms(why: SmsFailure) -> &'static str {
    match why {
        SmsFailure::BadNumber => "the number receives no text messages",
        SmsFailure::OptedOut => "the person asked for no more messages",
        SmsFailure::Throttled => "too many messages in too short a time",
        SmsFailure::SpendLimit => "the month's budget is used up",
        SmsFailure::CountryBlocked => "text messages to this country are not allowed",
        SmsFailure::AgentLimit => "the agent's limit of the day is reached",
        SmsFailure::NumberLimit => "the number's limit of the day is reached",
        SmsFailure::DayLimit => "the limit of the day is reached",
        SmsFailure::SwitchedOff => "text messages are switched off",
        SmsFailure::Trouble => "the messages service failed",
    }
}

const fn why_no_picture(why: CaptureTrouble) -> &'static str {
    match why {
        CaptureTrouble::CameraOff => "the camera is off",
        CaptureTrouble::InBackground => "the page is in the background",
        CaptureTrouble::NoPicture => "the camera gave no picture",
        CaptureTrouble::UploadFailed => "it could not be uploaded",
        CaptureTrouble::CanvasBlocked => "the browser does not let pages read pictures",
    }
}
