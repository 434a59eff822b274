//! Requests that another program may repeat.

use super::{Case, together};
use crate::ports::Claims;
use crate::records::ClaimRecord;

/// Those who claim the same at the same time.
const RACERS: u8 = 8;

/// A store of claims.
pub async fn claims<P: Claims>(ports: &P, case: &Case) {
    let [one, two] = [1, 2].map(|which| ClaimRecord {
        session: case.session(230 + which),
        body: format!("body {which}"),
        at_ms: case.now_ms,
    });
    let name = |which: &str| format!("claim {} {which}", case.salt);
    let until_ms = case.now_ms + 3_600_000;
    let claim = async |which: &str, claim: &ClaimRecord, now_ms| {
        let stands = ports.claim(&name(which), claim, until_ms, now_ms).await;
        stands.expect("it is stored")
    };
    assert_eq!(claim("one", &one, case.now_ms).await, None, "the first");
    for later in [&one, &two] {
        let stands = claim("one", later, case.now_ms).await;
        assert_eq!(stands, Some(one.clone()), "the first stays");
    }
    assert_eq!(claim("two", &two, case.now_ms).await, None, "each name");
    let over = claim("one", &two, until_ms).await;
    assert_eq!(over, None, "its time has passed");

    let races = |which: u8| {
        let own = ClaimRecord {
            session: case.session(240 + which),
            ..one.clone()
        };
        let name = name("raced");
        let raced = async move {
            let stands = ports.claim(&name, &own, until_ms, case.now_ms).await;
            stands.expect("it is stored")
        };
        Box::pin(raced) as together::Boxed<'_, _>
    };
    let stand: Vec<Option<ClaimRecord>> = together::all((0..RACERS).map(races).collect()).await;
    let first = stand.iter().filter(|stands| stands.is_none()).count();
    assert_eq!(first, 1, "{stand:?}");
}
