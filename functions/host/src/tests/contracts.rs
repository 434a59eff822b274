//! Every contract suite on the plug in memory.

use crate::contract::{self, Case};
use crate::memory::Memory;
use crate::ports::ConnectionKey;

const NOW_MS: u64 = 1_800_000_000_000;

#[tokio::test]
async fn the_plug_in_memory_keeps_every_contract() {
    let memory = Memory::at(NOW_MS);
    for salt in 0..3 {
        let case = Case::new(salt, NOW_MS);
        contract::sessions(&memory, &case).await;
        contract::directory(&memory, &case).await;
        contract::lists(&memory, &case).await;
        contract::erasures(&memory, &case).await;
        contract::attachments(&memory, &case).await;
        contract::minutes(&memory, &case).await;
        contract::beside_log(&memory, &case).await;
        contract::connections(&memory, &case).await;
        contract::relays(&memory, &case).await;
        contract::spent_tokens(&memory, &case).await;
        contract::sign_ins(&memory, &case).await;
        contract::rate_counters(&memory, &case).await;
        contract::case_keys(&memory, &case).await;
        contract::api_keys(&memory, &case).await;
        contract::ready_lines(&memory, &case).await;
        contract::logos(&memory, &case).await;
        contract::webhooks(&memory, &case).await;
        contract::deliveries(&memory, &case).await;
        contract::delivery_queue(&memory, &case).await;
        contract::agents(&memory, &case).await;
        contract::audit(&memory, &case).await;
        contract::figures(&memory, &case).await;
        contract::claims(&memory, &case).await;
        contract::case_files(&memory, &case, &memory).await;
        contract::uploads(&memory, &case, &memory).await;
        contract::pictures(&memory, &case, &memory).await;
        let open = ConnectionKey(format!("open-{salt}"));
        memory.open(&open);
        contract::push(&memory, &case, &open, async |_| memory.heard(&open)).await;
        let outbox = async || {
            let sent = memory.sent().into_iter();
            sent.map(|sms| (sms.to.as_str().to_owned(), sms.text))
                .collect()
        };
        contract::sms_out(&memory, &case, outbox).await;
    }
}
