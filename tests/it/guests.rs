//! Guests, who have a link but not the seat: they can neither see nor draw on the shared picture.

use sightline_wire::{EventKind, Object, PageHears, Point, PublicFact, Refusal, Seat, Upload};

use crate::page::Page;
use crate::pictures::{PICTURE, shoot};
use crate::world::{Call, World};

const HERE: Point = Point(1_000, 2_000);
const THERE: Point = Point(65_535, 0);

/// All commands about the shared picture get the same refusal, and no message about it arrives.
async fn has_no_part(world: &World, page: &mut Page, call: &mut Call, picture: u32, why: Refusal) {
    // The page is attached and has the whole log.
    page.settle().await;
    page.heard.clear();
    let (before, attempt) = (page.log.len(), 1);
    let objects = world.objects();
    let head = call.agent_page.say("now").await.unwrap().head;

    for upload in [
        Upload::Sharp { picture, attempt },
        Upload::Quick { picture },
        Upload::Sent {
            picture,
            through: picture,
        },
    ] {
        assert_eq!(page.slot(upload, 9).await.unwrap_err(), why);
    }
    let looked = page.link(Object::Base { picture }).await;
    assert_eq!(looked, Err(why));
    let upload = Upload::Sharp { picture, attempt };
    for done in [
        page.capture().await.map(|_| ()),
        page.uploaded(upload).await.map(|_| ()),
        page.send_picture(picture, picture).await.map(|_| ()),
        page.draw(picture, &[1]).await.map(|_| ()),
        page.undo(picture).await.map(|_| ()),
        page.undo_all(picture).await.map(|_| ()),
        page.redo(picture).await.map(|_| ()),
        page.clear(picture).await.map(|_| ()),
        page.open_board(picture).await.map(|_| ()),
        page.close_board(picture).await.map(|_| ()),
        page.delete(picture).await.map(|_| ()),
    ] {
        assert_eq!(done, Err(why));
    }
    assert_eq!(page.point_in_vain(picture, THERE).await, why);

    // Both people point and draw; each receives the other's messages.
    call.customer_page.point(picture, HERE).await;
    call.agent_page.see_point(picture, HERE).await;
    call.agent_page.point(picture, HERE).await;
    call.customer_page.see_point(picture, HERE).await;
    let drawn = call.agent_page.draw(picture, &[2]).await.unwrap();
    assert_eq!(drawn.head, head + 1, "nothing of theirs happened");
    call.customer_page.catch_up(drawn.head).await;

    page.settle().await;
    let heard =
        |hears: &&PageHears| matches!(hears, PageHears::Annotation(_) | PageHears::Screenshots(_));
    assert_eq!(page.heard.iter().find(heard), None);
    assert_eq!(page.log.len(), before);
    for page in [&call.agent_page, &call.customer_page] {
        assert_eq!(page.heard.iter().find(heard), None, "of them neither");
    }
    assert_eq!(world.objects(), objects);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_page_with_the_link_has_no_part_in_the_picture() {
    let world = World::start();
    let mut call = world.call().await;
    let (cookie, session) = world.enter(&world.last_sms().await.link).await;
    let mut guest = world.page(&cookie, session, Seat::Customer);
    let picture = shoot(&world, &mut call).await;
    has_no_part(&world, &mut guest, &mut call, picture, Refusal::Moved).await;
    assert_eq!(guest.log.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_a_call_was_moved_from_has_no_part_in_the_picture() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = shoot(&world, &mut call).await;
    let slot = Upload::Sharp {
        picture,
        attempt: 1,
    };
    let link = call.customer_page.link(Object::Base { picture }).await;
    call.customer_page.draw(picture, &[3]).await.unwrap();
    let (cookie, session) = world.enter(&world.last_sms().await.link).await;
    let mut second = world.page(&cookie, session, Seat::Customer);
    let done = second.take_over("Ada").await.unwrap();
    second.catch_up(done.head).await;
    let mut first = std::mem::replace(&mut call.customer_page, second);
    has_no_part(&world, &mut first, &mut call, picture, Refusal::Moved).await;

    // Strokes from the first device belong to the person, and the second device can undo them.
    let done = call.customer_page.undo(picture).await.unwrap();
    call.customer_page.catch_up(done.head).await;
    let undone = &call.customer_page.log.last().unwrap().kind;
    assert!(matches!(
        undone,
        EventKind::Public(PublicFact::Undone {
            seat: Seat::Customer,
            ..
        })
    ));
    // A link from the time when it held the seat is valid until it expires.
    let answer = world.get(world.path_of(&link.unwrap())).await;
    assert_eq!(answer.body, PICTURE);
    let taken = call.customer_page.slot(slot, 9).await.unwrap_err();
    assert_eq!(taken, Refusal::LimitReached);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_second_page_has_no_part_in_the_picture_until_it_takes_the_seat() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = shoot(&world, &mut call).await;
    let mut second = world.page(&call.agent.cookie, call.session, Seat::Agent);
    let refused = second.draw(picture, &[1]).await;
    assert_eq!(refused.unwrap_err(), Refusal::Moved);
    let looked = second.link(Object::Base { picture }).await;
    assert_eq!(looked, Err(Refusal::Moved));
    assert_eq!(second.point_in_vain(picture, HERE).await, Refusal::Moved);
    second.take_over("").await.unwrap();
    second.draw(picture, &[1]).await.unwrap();
    second.point(picture, HERE).await;
    call.customer_page.see_point(picture, HERE).await;
    let refused = call.agent_page.draw(picture, &[2]).await;
    assert_eq!(refused.unwrap_err(), Refusal::Moved);
}
