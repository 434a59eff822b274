//! Reads the ICE username from a STUN binding request of an unknown sender. Hand-written and small,
//! because anyone can send these bytes.

/// The magic cookie of STUN (RFC 8489 section 5).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// A binding request: the only STUN message that an ICE-lite agent handles.
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const USERNAME: u16 = 0x0006;

/// Whether a datagram is STUN (RFC 7983 section 7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| *first < 4)
}

/// Whether a datagram is RTP or RTCP (RFC 7983 section 7).
pub(crate) fn is_media(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|first| first >> 6 == 2)
}

/// Whether it is RTP (RFC 5761 section 4).
pub(crate) fn is_rtp(datagram: &[u8]) -> bool {
    let kind = datagram.get(1).map(|kind| kind & 0x7f);
    is_media(datagram) && kind.is_some_and(|kind| !(64..=95).contains(&kind))
}

/// The receiver's half of the USERNAME of a binding request (RFC 8445 section 7.2.2), if the
/// datagram is one. The request may be forged.
#[must_use]
pub fn local_ufrag(datagram: &[u8]) -> Option<&str> {
    let (header, mut attributes) = datagram.split_at_checked(20)?;
    if !header.starts_with(&BINDING_REQUEST) || header.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    while let Some((head, rest)) = attributes.split_first_chunk::<4>() {
        let [kind_high, kind_low, length_high, length_low] = *head;
        let length = usize::from(u16::from_be_bytes([length_high, length_low]));
        let value = rest.get(..length)?;
        if u16::from_be_bytes([kind_high, kind_low]) == USERNAME {
            let (local, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
            return Some(local);
        }
        // Attributes are padded to four bytes (RFC 8489 section 14).
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, attributes.len() as u8, 0x21, 0x12, 0xa4, 0x42];
        bytes.extend([7; 12]);
        bytes.extend(attributes);
        bytes
    }

    #[test]
    fn the_local_half_of_the_username_is_found_behind_other_attributes() {
        let bytes = request(&[
            0x80, 0x22, 0, 1, b'x', 0, 0, 0, 0, 6, 0, 7, b'm', b'i', b'n', b'e', b':', b'y', b'o',
            0,
        ]);
        assert_eq!(local_ufrag(&bytes), Some("mine"));
    }

    #[test]
    fn bytes_that_end_anywhere_name_nobody_and_do_not_panic() {
        let bytes = request(&[0, 6, 0, 7, b'm', b'i', b'n', b'e', b':', b'y', b'o', 0]);
        for length in 0..31 {
            assert_eq!(local_ufrag(&bytes[..length]), None, "{length}");
        }
        assert_eq!(local_ufrag(&request(&[0, 6, 255, 255])), None);
        assert_eq!(local_ufrag(&request(&[0, 6, 0, 1, 0xff, 0, 0, 0])), None);
    }
}
