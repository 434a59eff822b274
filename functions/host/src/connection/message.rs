//! Messages: decodes a connection's bytes and passes them to their topic.

use sightline_session::Answer;
use sightline_wire::{
    CLOSE_VERSION, OfferFault, PageHears, PageSays, Refusal, SessionId, SignalingHears,
    Undecodable, decode_page, decode_relay,
};

use super::Speaker;
use crate::host::Host;
use crate::ports::{ConnectionKey, Connections, Ports, Push};
use crate::records::ConnectionRecord;
use crate::stop::Stop;
use crate::topic::{Deed, deed};
use crate::words;

impl<P: Ports> Host<P> {
    /// Takes a message of a connection. Answers and effects leave through the ports. No message can
    /// break its connection or a session. The plug limits the rate with [`crate::limits::flood`].
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
                let (session, n) = match decode_page(bytes) {
                    Ok(message) => (Some(message.session), message.n),
                    Err(Undecodable { session, n, .. }) => (session, n),
                };
                let refusal = Stop::from(error).refusal(session);
                self.refuse(connection, session, n, refusal).await;
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
                offer,
            }) => {
                return match offer {
                    Some((attempt, fault)) => {
                        self.refuse_offer(connection, session, attempt, fault).await;
                    }
                    None => self.refuse(connection, session, n, refusal).await,
                };
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

    /// Does what a message asks for. `n` is the number of a durable command.
    async fn dispatch(
        &self,
        speaker: &Speaker<'_>,
        n: Option<u32>,
        says: PageSays,
    ) -> Result<(), Refusal> {
        speaker.page.somebody().ok_or(Refusal::Malformed)?;
        let number = || n.ok_or(Refusal::Malformed);
        match deed(says)? {
            Deed::Attach { seat, offer } => self.attach_and_offer(speaker, seat, offer).await,
            Deed::Ping(moments) => self.ping(speaker, moments).await,
            Deed::Resume { after } => self.resume(speaker, after).await,
            Deed::Leave => self.leave(speaker).await,
            Deed::Command(command) => self.command(speaker, number()?, command).await,
            Deed::PassOn(hears) => self.pass_on(speaker, hears).await,
            Deed::Offer {
                attempt,
                sdp,
                avoid,
            } => self.offer(speaker, attempt, sdp, avoid).await,
            Deed::Promote => self.promote_again(speaker).await,
            Deed::Slot { upload, bytes } => self.slot(speaker, upload, bytes).await,
            Deed::View(object) => self.view(speaker, object).await,
            Deed::TakeUpload { upload, drawn_on } => {
                self.take_upload(speaker, number()?, upload, drawn_on).await
            }
            Deed::OpenBoard { picture } => self.open_board(speaker, number()?, picture).await,
            Deed::DeletePicture { picture } => {
                self.delete_picture(speaker, number()?, picture).await
            }
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
        self.tell(connection, session, hears).await;
    }

    /// Refuses an offer that no relay could read, in the words of a relay.
    async fn refuse_offer(
        &self,
        connection: &ConnectionKey,
        session: Option<SessionId>,
        attempt: u32,
        fault: OfferFault,
    ) {
        let hears = SignalingHears::NoRelay {
            attempt,
            unacceptable: true,
            fault: Some(fault),
        };
        self.tell(connection, session, PageHears::Signaling(hears))
            .await;
    }

    async fn tell(&self, connection: &ConnectionKey, session: Option<SessionId>, hears: PageHears) {
        let Ok(message) = words::to_page(session, hears) else {
            return;
        };
        if let Err(error) = self.ports.push().say(connection, &message).await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to send a refusal");
        }
    }
}
