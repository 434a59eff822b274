//! A full disk, simulated by a limit on the size of files: writes are refused, nothing is stored
//! incompletely, and the server recovers.

use std::process::Command;

use sightline_wire::{EventKind, PublicFact};

use crate::world::{World, start_call};

/// Limits the size of the files that the server may write.
pub fn limit(world: &World, bytes: &str) -> bool {
    let pid = world.pid().to_string();
    let limit = format!("--fsize={bytes}:unlimited");
    Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status()
        .is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writing_and_heals_when_there_is_room() {
    let mut world = World::start();
    let mut call = world.call().await;
    let acked = call.customer_page.say("before").await.unwrap();
    let size = std::fs::metadata(world.folder().join("sightline.redb"))
        .unwrap()
        .len();
    if !limit(&world, &size.to_string()) {
        println!("not shown here: `prlimit` is not to be had");
        return;
    }

    let mut refused = 0;
    for _ in 0..400 {
        let answer = world
            .post(
                "/api/sessions",
                &call.agent.cookie,
                &start_call("+4915112345678"),
            )
            .await;
        match answer.status {
            200 | 201 => {}
            503 => refused += 1,
            status => panic!("{status}: {}", String::from_utf8_lossy(&answer.body)),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "new sessions are refused at {size} bytes");
    assert_eq!(
        world.get("/outbox.json").await.status,
        200,
        "reading goes on"
    );
    assert_eq!(
        world.log(&call.agent, call.session).await.len() as u32,
        acked.head
    );

    assert!(limit(&world, "unlimited"));
    let healed = call.customer_page.say("after").await.unwrap();
    call.agent_page.catch_up(healed.head).await;
    assert_eq!(call.agent_page.lines(), ["before", "after"]);
    assert_eq!(
        (call.agent_page.dials, call.customer_page.dials),
        (1, 1),
        "both sockets lived through it"
    );
    world.invite(&call.agent, "+4915112345678").await;

    world.kill();
    world.restart();
    let log = world.log(&call.agent, call.session).await;
    assert!(log.iter().map(|event| event.seq).eq(1..=log.len() as u32));
    let said = log
        .iter()
        .filter(|event| matches!(event.kind, EventKind::Public(PublicFact::Said { .. })));
    assert_eq!(said.count(), 2);
}
