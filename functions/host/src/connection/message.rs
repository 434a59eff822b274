//! Messages: decodes a connection's bytes and passes them to their topic.

use sightline_session::Answer;
use sightline_wire::{
    AnnotationSays, CLOSE_VERSION, ChatSays, PageHears, PageSays, Refusal, ScreenshotsSays, Seat,
    SessionHears, SessionId, SessionSays, SignalingSays, Undecodable, decode_page, decode_relay,
};

use crate::flow::{Changed, Draft};
use crate::host::Host;
use crate::ports::{Attachments, ConnectionKey, Connections, Ports, Push};
use crate::records::{Attachment, ConnectionRecord};
use crate::stop::Stop;
use crate::topic::{annotation, chat, session};
use crate::words;

use super::Speaker;

/// How often being heard is recorded, milliseconds. It is far below the time after which a seat
/// counts as lost, and a burst of messages costs one write.
const HEARD_EVERY_MS: u64 = 5_000;

impl<P: Ports> Host<P> {
    /// Takes a message of a connection. Answers and effects leave through the ports. No message can
    /// break its connection or a session. The plug limits the rate with [`crate::flood`].
    pub async fn message(&self, connection: &ConnectionKey, bytes: &[u8]) {
        match self.ports.store().find_connection(connection).await {
            Ok(Some(record)) if record.relay => {
                self.relay_message(connection, &record, bytes).await
            }
            Ok(Some(record)) => self.page_message(connection, &record, bytes).await,
            // Only a page of another version is accepted without a record.
            Ok(None) => {
                if let Err(error) = self.ports.push().close(connection, CLOSE_VERSION).await {
                    tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
                }
            }
            Err(error) => {
                tracing::error!(connection.id = %connection.0, error = %error, "store failed");
                let (session, n) = match decode_page(bytes) {
                    Ok(message) => (Some(message.session), message.n),
                    Err(Undecodable { session, n, .. }) => (session, n),
                };
                self.refuse(connection, session, n, Refusal::Trouble).await;
            }
        }
    }

    async fn relay_message(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        bytes: &[u8],
    ) {
        match decode_relay(bytes) {
            Ok(sightline_wire::FromRelay::Relay(says)) => {
                self.relay_says(connection, record, says).await;
            }
            // The protocol has no refusal for a relay. A malformed message of a relay is a defect,
            // so it is logged.
            Err(undecodable) => {
                tracing::warn!(connection.id = %connection.0, refusal = %undecodable.refusal, "relay's message refused");
            }
        }
    }

    async fn page_message(
        &self,
        connection: &ConnectionKey,
        record: &ConnectionRecord,
        bytes: &[u8],
    ) {
        let message = match decode_page(bytes) {
            Ok(message) => message,
            Err(Undecodable {
                refusal,
                session,
                n,
            }) => {
                return self.refuse(connection, session, n, refusal).await;
            }
        };
        let (session, n) = (message.session, message.n);
        let speaker = Speaker {
            connection,
            record,
            session,
            page: message.page,
        };
        if let Err(refusal) = self.dispatch(&speaker, n, message.says).await {
            self.refuse(connection, Some(session), n, refusal).await;
        }
    }

    /// Passes a message to its topic. `n` is the number of a durable command.
    async fn dispatch(
        &self,
        speaker: &Speaker<'_>,
        n: Option<u32>,
        says: PageSays,
    ) -> Result<(), Refusal> {
        let number = || n.ok_or(Refusal::Malformed);
        match says {
            PageSays::Session(says) => match says {
                SessionSays::Attach { seat } => self.attach_page(speaker, seat).await,
                SessionSays::Ping => self.ping(speaker).await,
                SessionSays::Resume { after } => self.resume(speaker, after).await,
                SessionSays::Leave => self.leave(speaker).await,
                SessionSays::Command(command) => {
                    let command = session::command(command);
                    self.command(speaker, number()?, command).await
                }
            },
            PageSays::Signaling(says) => match says {
                SignalingSays::Offer {
                    attempt,
                    sdp,
                    avoid,
                } => self.offer(speaker, attempt, sdp, avoid).await,
                SignalingSays::Promote => self.promote_again(speaker).await,
                SignalingSays::Presence(presence) => self.presence(speaker, presence).await,
            },
            PageSays::Chat(says) => match says {
                ChatSays::Typing => self.typing(speaker).await,
                ChatSays::Command(command) => {
                    self.command(speaker, number()?, chat::command(command))
                        .await
                }
            },
            PageSays::Annotation(says) => match says {
                AnnotationSays::Passing { passing } => self.passing(speaker, passing).await,
                AnnotationSays::Command(command) => {
                    let command = annotation::command(command);
                    self.command(speaker, number()?, command).await
                }
            },
            PageSays::Screenshots(says) => match says {
                ScreenshotsSays::Slot { upload, bytes } => self.slot(speaker, upload, bytes).await,
                ScreenshotsSays::View { object } => self.view(speaker, object).await,
                ScreenshotsSays::Command(command) => {
                    self.screenshots_command(speaker, number()?, command).await
                }
            },
        }
    }

    /// Sends a refusal without loading the session. `head` 0 tells the page nothing new.
    async fn refuse(
        &self,
        connection: &ConnectionKey,
        session: Option<SessionId>,
        n: Option<u32>,
        refusal: Refusal,
    ) {
        let hears = match n {
            Some(n) => words::done(n, 0, Answer::Refused(refusal)),
            None => words::refused(refusal),
        };
        let message = words::to_page(session, hears);
        if let Err(error) = self.ports.push().say(connection, &message).await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to send a refusal");
        }
    }

    /// Changes a session for a page attached to a seat: checks its right to the seat, lets `act`
    /// decide, records that the page was heard, and carries out the effects.
    pub(crate) async fn change_by<T: Send + Sync>(
        &self,
        speaker: &Speaker<'_>,
        mut act: impl FnMut(&mut Draft<'_>, Seat) -> Result<T, Refusal> + Send,
    ) -> Result<(Seat, Changed<Result<T, Refusal>>), Refusal> {
        let seat = speaker.seat()?;
        let changed = self
            .change(speaker.session, |draft| {
                speaker.may_sit(seat, &draft.state)?;
                act(draft, seat)
            })
            .await;
        let mut changed = changed.map_err(|stop: Stop| stop.refusal(speaker.session))?;
        if speaker.may_sit(seat, &changed.after).is_ok() {
            self.hear(speaker, seat, &mut changed).await;
        }
        self.carry_out(&changed).await;
        Ok((seat, changed))
    }

    /// Records that the seat's page was heard. The holder becomes the attached page if it is not:
    /// after its join, after an interrupted join, and when its previous connection was attached
    /// last and is closed.
    async fn hear<T: Sync>(&self, speaker: &Speaker<'_>, seat: Seat, changed: &mut Changed<T>) {
        let now_ms = changed.now_ms;
        let holder = changed.after.seats.get(seat).holder;
        let recorded = match changed.attachments.get(seat) {
            Some(attached) if attached.connection == *speaker.connection => {
                let due = attached.heard_at_ms.saturating_add(HEARD_EVERY_MS) <= now_ms;
                if !due && attached.closed_at_ms.is_none() {
                    return;
                }
                let touch = self.ports.store().touch(
                    speaker.session,
                    seat,
                    speaker.connection,
                    now_ms,
                    false,
                );
                touch.await.map(|_| ())
            }
            attachment => {
                let own = attachment
                    .as_ref()
                    .filter(|attached| attached.page == speaker.page);
                // The same page is attached on another open connection. That one attached later,
                // because attaching replaces.
                if own.is_some_and(|own| own.closed_at_ms.is_none()) {
                    return;
                }
                let held = holder == Some(speaker.page);
                let free = holder.is_none() && (attachment.is_none() || own.is_some());
                if !(held || free) {
                    return;
                }
                let closed = own.is_some();
                let seated = self.seat_page(speaker, seat, changed).await;
                if closed && seated.is_ok() {
                    self.announce_presence(speaker.session, seat, changed).await;
                }
                seated
            }
        };
        if let Err(error) = recorded {
            tracing::warn!(session.id = %speaker.session, error = %error, "failed to record that a page was heard");
        }
    }

    /// Attaches the speaker's connection to the seat.
    pub(crate) async fn seat_page<T: Sync>(
        &self,
        speaker: &Speaker<'_>,
        seat: Seat,
        changed: &mut Changed<T>,
    ) -> Result<(), crate::ports::StoreError> {
        let attachment = Attachment {
            connection: speaker.connection.clone(),
            page: speaker.page,
            heard_at_ms: changed.now_ms,
            closed_at_ms: None,
        };
        let before = self
            .ports
            .store()
            .attach(speaker.session, seat, attachment.clone())
            .await?;
        *changed.displaced.get_mut(seat) = before;
        *changed.attachments.get_mut(seat) = Some(attachment);
        Ok(())
    }

    /// Tells the other seats that this seat's connection is open.
    pub(crate) async fn announce_presence<T: Sync>(
        &self,
        session: SessionId,
        seat: Seat,
        changed: &Changed<T>,
    ) {
        let here = PageHears::Session(SessionHears::Connection { seat, here: true });
        self.say_to_others(session, seat, &changed.attachments, here)
            .await;
    }

    /// Answers on the speaker's connection.
    pub(crate) async fn answer(&self, speaker: &Speaker<'_>, hears: PageHears) {
        self.say(speaker.session, speaker.connection, hears).await;
    }
}
