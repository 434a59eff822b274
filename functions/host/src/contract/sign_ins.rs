//! Sign-ins that are over.

use std::collections::BTreeSet;

use sightline_wire::SignInId;

use super::{Case, together};
use crate::ports::{ConnectionKey, SignIns};

/// Connections that open while somebody signs out.
const RACERS: u8 = 10;

/// What one of those who race learned.
enum Learned {
    Opened(ConnectionKey, bool),
    Found(Vec<ConnectionKey>),
}

/// The ends of sign-ins.
pub async fn sign_ins<P: SignIns>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 3_600_000;
    let sign_in = |which| SignInId::from_bytes(case.id(90, which));
    let (one, two, nobody) = (sign_in(1), sign_in(2), sign_in(3));
    for (sign_in, which) in [(one, 91), (one, 92), (two, 93), (one, 91)] {
        let connection = case.connection(which);
        let noted = ports.note_sign_in(sign_in, &connection, until_ms);
        assert_eq!(noted.await, Ok(()));
        assert_eq!(ports.is_signed_out(sign_in).await, Ok(false));
    }
    let ended = async |sign_in| -> BTreeSet<_> {
        let ended = ports.end_sign_in(sign_in, until_ms).await;
        ended.expect("stored").into_iter().collect()
    };
    let own = BTreeSet::from([case.connection(91), case.connection(92)]);
    assert_eq!(ended(one).await, own, "each once, and no other's");
    assert_eq!(ports.is_signed_out(one).await, Ok(true));
    assert_eq!(ports.is_signed_out(two).await, Ok(false), "the other's");
    assert_eq!(ended(one).await, own, "again");
    assert_eq!(ended(nobody).await, BTreeSet::new(), "without connections");
    assert_eq!(ports.is_signed_out(nobody).await, Ok(true));

    let raced = sign_in(4);
    let opens = |which: u8| {
        let connection = case.connection(100 + which);
        let opened = async move {
            let noted = ports.note_sign_in(raced, &connection, until_ms).await;
            noted.expect("stored");
            let over = ports.is_signed_out(raced).await.expect("read");
            Learned::Opened(connection, over)
        };
        Box::pin(opened) as together::Boxed<'_, _>
    };
    let ends = async { Learned::Found(ports.end_sign_in(raced, until_ms).await.expect("stored")) };
    let mut all: Vec<_> = (0..RACERS).map(opens).collect();
    all.insert(usize::from(RACERS) / 2, Box::pin(ends));
    let (mut opened, mut found) = (Vec::new(), Vec::new());
    for learned in together::all(all).await {
        match learned {
            Learned::Opened(connection, over) => opened.push((connection, over)),
            Learned::Found(connections) => found = connections,
        }
    }
    for (connection, over) in opened {
        let closed = found.contains(&connection);
        assert!(over || closed, "{connection:?} stays open after the end");
    }
}
