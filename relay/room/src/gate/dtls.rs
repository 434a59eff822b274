//! Puts [`SctpGate`] between DTLS and SCTP, where str0m 0.25 lets a provider of cryptography stand:
//! nobody else sees the messages of SCTP in clear before they cost memory. And as str0m asks DTLS
//! with each packet of media, what it said last is repeated while nothing happens to it.

use std::time::Instant;

use str0m::config::CryptoProvider;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
};
use str0m::crypto::{CryptoError, from_feature_flags};

use super::sctp::SctpGate;

/// The usual cryptography, with a gate behind DTLS.
pub(crate) fn provider() -> CryptoProvider {
    CryptoProvider {
        dtls_provider: &GatedProvider,
        ..from_feature_flags()
    }
}

#[derive(Debug)]
struct GatedProvider;

impl DtlsProvider for GatedProvider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let usual = from_feature_flags().dtls_provider;
        Ok(Box::new(Gated {
            dtls: usual.new_dtls(cert, now, version, mtu)?,
            gate: SctpGate::default(),
            idle_until: None,
        }))
    }
}

#[derive(Debug)]
struct Gated {
    dtls: Box<dyn DtlsInstance>,
    gate: SctpGate,
    /// It has nothing to say before this time, as far as nothing happens to it.
    idle_until: Option<Instant>,
}

impl Gated {
    /// The instance, for something that happens to it.
    fn stirred(&mut self) -> &mut dyn DtlsInstance {
        self.idle_until = None;
        &mut *self.dtls
    }
}

impl DtlsInstance for Gated {
    fn set_active(&mut self, active: bool) {
        self.stirred().set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.stirred().handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        if let Some(at) = self.idle_until {
            return DtlsOutput::Timeout(at);
        }
        match self.dtls.poll_output(buf) {
            DtlsOutput::Timeout(at) => {
                self.idle_until = Some(at);
                DtlsOutput::Timeout(at)
            }
            // Without a header it is no packet of SCTP, and ignored.
            DtlsOutput::ApplicationData(packet) if !self.gate.admits(packet) => {
                DtlsOutput::ApplicationData(&[])
            }
            output => output,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.stirred().handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.gate.note_sent(data);
        self.stirred().send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.stirred().close()
    }
}
