//! What may be used once.

use super::{Case, together};
use crate::ports::SpentTokens;

/// Those who spend one token at a time.
const SPENDERS: u8 = 10;

/// One-time tokens.
pub async fn spent_tokens<P: SpentTokens>(ports: &P, case: &Case) {
    let until_ms = case.now_ms + 3_600_000;
    let (one, two) = (case.id(80, 1), case.id(80, 2));
    assert_eq!(
        ports.spend(&one, until_ms).await,
        Ok(true),
        "the first time"
    );
    assert_eq!(
        ports.spend(&one, until_ms).await,
        Ok(false),
        "the second time"
    );
    assert_eq!(
        ports.spend(&one, until_ms).await,
        Ok(false),
        "the third time"
    );
    assert_eq!(ports.spend(&two, until_ms).await, Ok(true), "another token");

    let contested = case.id(80, 3);
    let spend = |_| Box::pin(ports.spend(&contested, until_ms)) as together::Boxed<'_, _>;
    let told = together::all((0..SPENDERS).map(spend).collect()).await;
    let winners = told.into_iter().filter(|told| *told == Ok(true)).count();
    assert_eq!(winners, 1, "of those who spend at once, one is first");
}
