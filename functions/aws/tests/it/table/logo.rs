//! The logo. A table has one, so the two runs of its suite follow one another.

use sightline_host::contract::{self, Case};

use super::{Fault, Proxy, now_ms, seed, stack, table, table_at};

#[tokio::test]
async fn logos() {
    contract::logos(&table(), &Case::new(1, now_ms())).await;
    let faulty = Proxy::start(&stack().endpoint, seed(), 30, 4, &Fault::PASSING).await;
    let table = table_at(&faulty.endpoint, 8);
    contract::logos(&table, &Case::new(2, now_ms())).await;
    assert!(!faulty.made().is_empty(), "nothing went wrong on the way");
}
