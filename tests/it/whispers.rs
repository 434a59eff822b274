//! What the log must not contain at any level.

use sightline_wire::{Object, Seat, Upload};

use crate::pictures::{PICTURE, shoot};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_trace_the_log_shows_no_phone_number_secret_cookie_or_chat_text() {
    let mut world = World::start_with(&["--log", "trace"]);
    let mut call = world.call().await;
    let chat = "the code of my safe is 4711";
    call.customer_page.say(chat).await.unwrap();
    let link = world.last_sms().await.link;
    let (seat, _) = world.enter(&link).await;
    let mut second = world.page(&seat, call.session, Seat::Customer);
    assert!(second.say("not joined").await.is_err());
    world.look(&world.ready.agent.clone()).await;
    let picture = shoot(&world, &mut call).await;
    let looked = call.agent_page.link(Object::Base { picture }).await;
    let looked = looked.unwrap();
    world.get(world.path_of(&looked)).await;
    let through = picture;
    let sent = Upload::Sent { picture, through };
    let slot = call.agent_page.slot(sent, PICTURE.len()).await.unwrap();
    // Once valid, once repeated, and once forged.
    for _ in 0..2 {
        world.put(&slot, PICTURE).await;
    }
    world.get(world.path_of(&slot.url)).await;
    world.terminate();

    let said = world.said().join("\n");
    assert!(!said.is_empty(), "it is talkative");
    let secrets = [
        "15112345678",
        chat,
        "Ada",
        "REF-12345",
        link.split_once('#').unwrap().1,
        world.ready.agent.rsplit('=').next().unwrap(),
        call.agent.cookie.split_once('=').unwrap().1,
        seat.split_once('=').unwrap().1,
        "Bearer",
        looked.rsplit('=').next().unwrap(),
        slot.url.rsplit('=').next().unwrap(),
    ];
    for secret in secrets {
        let line = said.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}
