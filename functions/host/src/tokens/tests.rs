use super::*;

const NOW_MS: u64 = 1_800_000_000_000;
const SIGN_IN: SignInId = SignInId::from_bytes([9; 16]);

fn keys() -> Keys {
    Keys::from_bytes(&[7; 32])
}

fn name() -> DisplayName {
    DisplayName::new("Ada").unwrap()
}

#[test]
fn an_agents_cookie_names_its_agent_until_it_expires() {
    let agent = AgentId::from_bytes([1; 16]);
    let value = keys().agent((agent, SIGN_IN), &name(), Role::Agent, NOW_MS);
    let wanted = SignedIn {
        agent,
        name: name(),
        role: Role::Agent,
        sign_in: SIGN_IN,
        issued_s: NOW_MS / 1_000,
        signed_in_s: NOW_MS / 1_000,
    };
    assert_eq!(keys().check_agent(&value, NOW_MS), Some(wanted.clone()));
    let end_ms = NOW_MS + AGENT_S * 1_000;
    assert_eq!(keys().check_agent(&value, end_ms - 1), Some(wanted));
    assert_eq!(keys().check_agent(&value, end_ms), None);
    assert_eq!(Keys::from_bytes(&[8; 32]).check_agent(&value, NOW_MS), None);
}

#[test]
fn renewals_end_a_day_after_the_sign_in() {
    let agent = AgentId::from_bytes([1; 16]);
    let mut value = keys().agent((agent, SIGN_IN), &name(), Role::Admin, NOW_MS);
    for hour in 1..24 {
        let now_ms = NOW_MS + hour * 3_600_000;
        let signed_in = keys().check_agent(&value, now_ms).unwrap();
        assert_eq!(signed_in.signed_in_s, NOW_MS / 1_000);
        value = keys().renewed_agent(signed_in, now_ms);
        let renewed = keys().check_agent(&value, now_ms).unwrap();
        assert_eq!(renewed.issued_s, now_ms / 1_000);
    }
    let end_ms = NOW_MS + AGENT_MAX_S * 1_000;
    let last = keys().check_agent(&value, end_ms - 1).unwrap();
    assert_eq!(keys().check_agent(&value, end_ms), None);
    // Nor does a renewal bring back what is over, or a date that says too much.
    let late = keys().renewed_agent(last.clone(), end_ms);
    assert_eq!(keys().check_agent(&late, end_ms), None);
    let generous = AgentClaims {
        agent,
        name: name(),
        role: Role::Admin,
        issued_s: last.issued_s,
        expires_s: u64::MAX,
        signed_in_s: Some(last.signed_in_s),
        sign_in: None,
    };
    let generous = keys().seal("agent", &generous);
    assert!(keys().check_agent(&generous, end_ms - 1).is_some());
    assert_eq!(keys().check_agent(&generous, end_ms), None);
}

#[test]
fn a_seats_cookie_is_good_for_its_session_alone() {
    let (own, other) = (
        SessionId::from_bytes([1; 16]),
        SessionId::from_bytes([2; 16]),
    );
    let value = keys().seat(own, 0, NOW_MS + 1_000);
    assert!(keys().check_seat(own, &value, NOW_MS).is_some());
    assert!(keys().check_seat(other, &value, NOW_MS).is_none());
    assert!(keys().check_seat(own, &value, NOW_MS + 1_000).is_none());
}

#[test]
fn a_value_of_one_purpose_is_no_value_of_another() {
    let session = SessionId::from_bytes([1; 16]);
    let agent = keys().agent(
        (AgentId::from_bytes([1; 16]), SIGN_IN),
        &name(),
        Role::Admin,
        NOW_MS,
    );
    let seat = keys().seat(session, 0, NOW_MS + 1_000_000);
    let relay = keys().relay(NOW_MS);
    for value in [&agent, &seat] {
        assert!(!keys().check_relay(value, NOW_MS));
    }
    for value in [&agent, &relay] {
        assert!(keys().check_seat(session, value, NOW_MS).is_none());
    }
    for value in [&seat, &relay] {
        assert_eq!(keys().check_agent(value, NOW_MS), None);
    }
}

#[test]
fn any_change_of_a_value_makes_it_worthless() {
    let session = SessionId::from_bytes([1; 16]);
    let value = keys().seat(session, 0, NOW_MS + 1_000_000);
    for place in 0..value.len() {
        for byte in [b'A', b'z', b'.', b'1', b'='] {
            let mut changed = value.clone().into_bytes();
            if changed[place] == byte {
                continue;
            }
            changed[place] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                keys().check_seat(session, &changed, NOW_MS).is_none(),
                "{changed}"
            );
        }
    }
    for broken in ["", ".", "..", "1.", "1..", "1.e30.", "2.e30.AAAA", "äöü.ß"] {
        assert!(keys().check_seat(session, broken, NOW_MS).is_none());
    }
}

#[test]
fn a_sign_in_token_is_ours_or_none() {
    let token = keys().once([1, 2], NOW_MS);
    let until_ms = NOW_MS + ONCE_S * 1_000;
    assert_eq!(keys().check_once(&token, NOW_MS), Some(until_ms));
    assert_eq!(keys().check_once(&token, until_ms - 1), Some(until_ms));
    assert_eq!(keys().check_once(&token, until_ms), None);
    assert_ne!(keys().once([1, 3], NOW_MS), token);
    for place in 0..16 {
        let mut bytes = *token.as_bytes();
        bytes[place] ^= 1;
        assert_eq!(
            keys().check_once(&InviteSecret::from_bytes(bytes), NOW_MS),
            None
        );
    }
}

#[test]
fn a_relays_token_has_a_minute_and_a_minutes_leeway() {
    let token = keys().relay(NOW_MS);
    for (offset_s, good) in [
        (-61, false),
        (-60, true),
        (0, true),
        (119, true),
        (120, false),
    ] {
        let now_ms = NOW_MS.saturating_add_signed(offset_s * 1_000);
        assert_eq!(keys().check_relay(&token, now_ms), good, "{offset_s}");
    }
}

/// Cookies outlive a deployment: a new build must read what an old one signed.
#[test]
fn a_value_signed_by_the_first_version_stays_good() {
    let session = SessionId::from_bytes([1; 16]);
    let value = include_str!("../../samples/token.seat.1.txt").trim_end();
    assert!(keys().check_seat(session, value, NOW_MS).is_some());
    let value = include_str!("../../samples/token.agent.1.txt").trim_end();
    let agent = keys().check_agent(value, NOW_MS).unwrap();
    assert_eq!(
        (agent.agent, agent.role),
        (AgentId::from_bytes([1; 16]), Role::Admin)
    );
    // It does not say when they signed in, so that counts from its own date.
    assert_eq!(agent.signed_in_s, agent.issued_s);
}

#[test]
fn a_renewed_agents_cookie_is_byte_for_byte_the_sample() {
    let sample = include_str!("../../samples/token.agent.3.txt").trim_end();
    let agent = AgentId::from_bytes([1; 16]);
    let signed_in_ms = 3_999_000_000_000;
    let first = keys().agent((agent, SIGN_IN), &name(), Role::Admin, signed_in_ms);
    let signed_in = keys().check_agent(&first, signed_in_ms).unwrap();
    let renewed_ms = signed_in_ms + 7_200_000;
    assert_eq!(keys().renewed_agent(signed_in, renewed_ms), sample);
    let read = keys().check_agent(sample, renewed_ms).unwrap();
    let dates = (read.issued_s, read.signed_in_s);
    assert_eq!(dates, (renewed_ms / 1_000, signed_in_ms / 1_000));
}

/// The inputs of `samples/token.relay.1.txt`. A relay makes its tokens itself, so this sample is
/// what both sides are held to: the key is the SHA-256 of this text, signed at [`NOW_MS`].
const RELAY_SECRET: &str = "the relays of the sample";

#[test]
fn a_relays_token_is_byte_for_byte_the_sample() {
    let keys = keys().with_relay_key(RELAY_SECRET);
    let sample = include_str!("../../samples/token.relay.1.txt").trim_end();
    assert_eq!(keys.relay(NOW_MS), sample);
    assert!(keys.check_relay(sample, NOW_MS));
}

#[test]
fn a_key_of_the_relays_signs_relay_tokens_and_nothing_else() {
    let keys = || keys().with_relay_key(RELAY_SECRET);
    let theirs = Keys::from_secret(RELAY_SECRET);
    assert!(keys().check_relay(&theirs.relay(NOW_MS), NOW_MS));
    let session = SessionId::from_bytes([1; 16]);
    let seat = theirs.seat(session, 0, NOW_MS + 1_000);
    assert!(keys().check_seat(session, &seat, NOW_MS).is_none());
    let agent = theirs.agent(
        (AgentId::from_bytes([1; 16]), SIGN_IN),
        &name(),
        Role::Admin,
        NOW_MS,
    );
    assert_eq!(keys().check_agent(&agent, NOW_MS), None);
    assert_eq!(
        keys().check_once(&theirs.once([1, 2], NOW_MS), NOW_MS),
        None
    );
    // And the other key is not good for theirs.
    assert!(!keys().check_relay(&self::keys().relay(NOW_MS), NOW_MS));
    // What this key signs without them stays what it was.
    assert_eq!(
        keys().seat(session, 0, NOW_MS + 1_000),
        self::keys().seat(session, 0, NOW_MS + 1_000)
    );
}

#[test]
fn the_key_of_a_secret_text_is_its_sha_256() {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"a secret");
    let bytes: [u8; 32] = digest.as_ref().try_into().unwrap();
    assert_eq!(
        Keys::from_secret("a secret").relay(NOW_MS),
        Keys::from_bytes(&bytes).relay(NOW_MS)
    );
}

#[test]
fn a_pseudonym_is_the_same_for_the_same_value_and_tells_nothing_without_the_key() {
    let number = b"+4915112345678";
    let name = keys().pseudonym("number", number);
    assert_eq!(name, keys().pseudonym("number", number));
    assert_eq!(name.len(), 43, "all of an HMAC-SHA-256");
    for other in [
        keys().pseudonym("number", b"+4915112345679"),
        keys().pseudonym("agent", number),
        Keys::from_bytes(&[8; 32]).pseudonym("number", number),
    ] {
        assert_ne!(name, other);
    }
    // Kind and value cannot run into each other.
    assert_ne!(keys().pseudonym("a", b"b"), keys().pseudonym("ab", b""));
}

/// Cookies of the version before name no sign-in. They are read on, and sign out by what they have.
#[test]
fn a_cookie_without_a_sign_in_has_one_that_its_renewals_keep() {
    for sample in [
        include_str!("../../samples/token.agent.1.txt"),
        include_str!("../../samples/token.agent.2.txt"),
    ] {
        let old = keys().check_agent(sample.trim_end(), NOW_MS).unwrap();
        let again = keys().check_agent(sample.trim_end(), NOW_MS).unwrap();
        assert_eq!(old.sign_in, again.sign_in);
        let renewed = keys().renewed_agent(old.clone(), NOW_MS);
        let renewed = keys().check_agent(&renewed, NOW_MS).unwrap();
        assert_eq!(renewed.sign_in, old.sign_in);
        assert_eq!(renewed.signed_in_s, old.signed_in_s);
    }
}

#[test]
fn a_seat_is_of_the_round_of_its_link() {
    let session = SessionId::from_bytes([1; 16]);
    for round in [0, 1, u32::MAX] {
        let value = keys().seat(session, round, NOW_MS + 1_000);
        assert_eq!(keys().check_seat(session, &value, NOW_MS), Some(round));
    }
}
