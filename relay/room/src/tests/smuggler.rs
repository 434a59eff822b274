//! An endpoint that says within its encryption what no endpoint would write: any packet of SCTP,
//! any report of RTCP. One for each thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Instant;

use str0m::config::CryptoProvider;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, ProtocolVersion,
};
use str0m::crypto::{
    AeadAes256GcmCipher, CryptoError, SrtpProvider, SupportedAeadAes128Gcm, SupportedAeadAes256Gcm,
    SupportedAes128CmSha1_80, from_feature_flags,
};

/// Header of a packet of SCTP: two ports, the tag of the association, a checksum (RFC 9260 section
/// 3.1).
const HEADER: usize = 12;

/// What the smuggler of this thread will say, and what it said by itself.
#[derive(Default)]
struct Pocket {
    packets: VecDeque<Vec<u8>>,
    report: Option<Vec<u8>>,
    /// Beginnings of an association that the relay answered.
    answered: usize,
    listens: bool,
    heard: Vec<Vec<u8>>,
}

thread_local! {
    static POCKET: RefCell<Pocket> = RefCell::default();
}

/// Sends a packet of these chunks. The header is right, and so is the number of a first DATA: the
/// next one, give or take what its last byte says.
pub(crate) fn send_chunks(chunks: &[u8]) {
    POCKET.with_borrow_mut(|pocket| pocket.packets.push_back(chunks.to_vec()));
}

/// Puts these bytes after the header of the next report.
pub(crate) fn send_report(bytes: &[u8]) {
    POCKET.with_borrow_mut(|pocket| pocket.report = Some(bytes.to_vec()));
}

/// How many beginnings of an association the relay has answered.
pub(crate) fn beginnings_answered() -> usize {
    POCKET.with_borrow(|pocket| pocket.answered)
}

/// Begins to keep the chunks that the smuggler's endpoint sends by itself.
pub(crate) fn listen() {
    POCKET.with_borrow_mut(|pocket| pocket.listens = true);
}

/// What was kept, and ends that.
pub(crate) fn heard() -> Vec<Vec<u8>> {
    POCKET.with_borrow_mut(|pocket| {
        pocket.listens = false;
        std::mem::take(&mut pocket.heard)
    })
}

/// The usual cryptography, with a smuggler's pocket.
pub(crate) fn provider() -> CryptoProvider {
    CryptoProvider {
        dtls_provider: &Smuggling,
        srtp_provider: &Smuggling,
        ..from_feature_flags()
    }
}

#[derive(Debug)]
struct Smuggling;

impl DtlsProvider for Smuggling {
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
        Ok(Box::new(Smuggler {
            dtls: usual.new_dtls(cert, now, version, mtu)?,
            header: None,
            tsn: 0,
        }))
    }
}

#[derive(Debug)]
struct Smuggler {
    dtls: Box<dyn DtlsInstance>,
    /// The header of the newest packet after the beginning.
    header: Option<[u8; HEADER]>,
    /// The number of the newest DATA.
    tsn: u32,
}

impl Smuggler {
    fn note(&mut self, packet: &[u8]) {
        let Some((header, chunks)) = packet.split_first_chunk::<HEADER>() else {
            return;
        };
        if tag(*header) != [0; 4] {
            self.header = Some(*header);
        }
        if let [0, _, _, _, a, b, c, d, ..] = *chunks {
            self.tsn = u32::from_be_bytes([a, b, c, d]);
        }
        POCKET.with_borrow_mut(|pocket| {
            if pocket.listens {
                pocket.heard.push(chunks.to_vec());
            }
        });
    }

    fn smuggle(&mut self) {
        let Some(mut header) = self.header else {
            return;
        };
        let real = tag(header);
        header[8..].fill(0);
        while let Some(mut chunks) = POCKET.with_borrow_mut(|pocket| pocket.packets.pop_front()) {
            if let [0, _, _, _, a, b, c, d, ..] = chunks.as_mut_slice() {
                let next = self.tsn.wrapping_add(1);
                let near = next.wrapping_add_signed(i32::from(d.cast_signed() / 8));
                [*a, *b, *c, *d] = near.to_be_bytes();
                self.tsn = self.tsn.max(near);
            }
            // A packet with INIT has no tag.
            let begins = chunks.first() == Some(&1);
            header[4..8].copy_from_slice(if begins { &[0; 4] } else { &real });
            let mut packet = [header.as_slice(), &chunks].concat();
            let sum = crc32c(&packet).to_le_bytes();
            packet[8..HEADER].copy_from_slice(&sum);
            // Too long for a record, or after the end: then there is no such packet.
            let _ = self.dtls.send_application_data(&packet);
        }
    }
}

fn tag([_, _, _, _, a, b, c, d, ..]: [u8; HEADER]) -> [u8; 4] {
    [a, b, c, d]
}

/// The checksum of SCTP (RFC 9260 appendix A).
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0x82f6_3b78 * (sum & 1))
        })
    })
}

impl DtlsInstance for Smuggler {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.smuggle();
        let output = self.dtls.poll_output(buf);
        // The kind of the first chunk (RFC 9260 section 3.3.3).
        if let DtlsOutput::ApplicationData(packet) = &output
            && packet.get(HEADER) == Some(&2)
        {
            POCKET.with_borrow_mut(|pocket| pocket.answered += 1);
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.note(data);
        self.dtls.send_application_data(data)
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
        self.dtls.close()
    }
}

impl SrtpProvider for Smuggling {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        from_feature_flags().srtp_provider.aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        from_feature_flags().srtp_provider.aead_aes_128_gcm()
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Smuggling
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        let usual = from_feature_flags().srtp_provider;
        usual.srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        let usual = from_feature_flags().srtp_provider;
        usual.srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAeadAes256Gcm for Smuggling {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        let usual = from_feature_flags().srtp_provider.aead_aes_256_gcm();
        Box::new(SmugglingCipher(usual.create_cipher(key, encrypt)))
    }
}

#[derive(Debug)]
struct SmugglingCipher(Box<dyn AeadAes256GcmCipher>);

impl AeadAes256GcmCipher for SmugglingCipher {
    fn encrypt(
        &mut self,
        iv: &[u8; 12],
        aad: &[u8],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), CryptoError> {
        // The kinds of RTCP, by RFC 5761 section 4.
        let is_report = matches!(aad, [_, 192..=223, ..]);
        let taken = POCKET.with_borrow_mut(|pocket| pocket.report.take_if(|_| is_report));
        let Some(report) = taken else {
            return self.0.encrypt(iv, aad, input, output);
        };
        let mut changed = input.to_vec();
        for (byte, new) in changed.iter_mut().zip(report) {
            *byte = new;
        }
        self.0.encrypt(iv, aad, &changed, output)
    }

    fn decrypt(
        &mut self,
        iv: &[u8; 12],
        aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        self.0.decrypt(iv, aads, input, output)
    }
}
