//! Strokes on the board that both look at, and boards that are opened again.

use serde_json::json;
use sightline_session::{Board, Mark};
use sightline_wire::{
    AnnotationHears, EventKind, PageHears, Passing, Point, PublicFact, Refusal, Seat,
};

use super::camera::base;
use super::world::{Page, World, events, kinds};
use crate::ports::Sessions as _;

/// The board as the whole log tells it.
async fn replayed(page: &Page<'_>, picture: u32) -> Board {
    let memory = page.world.memory();
    let log = memory.events(page.session, 0, usize::MAX).await.unwrap();
    sightline_session::replay(picture, &log)
}

/// A picture with its base, and its board open.
async fn pictured(agents: &mut Page<'_>, customers: &mut Page<'_>) -> u32 {
    let picture = agents.capture().await;
    customers.gives(picture).await;
    agents.heard();
    customers.heard();
    picture
}

#[tokio::test]
async fn strokes_reach_both_and_everybody_takes_back_their_own() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = pictured(&mut agents, &mut customers).await;
    assert_eq!(customers.draws(picture, 16).await.refused, None);
    assert_eq!(events(&agents.heard()).len(), 16);
    let own = agents.draw(picture).await;
    customers.heard();
    agents.about("annotation", "undo", picture).await;
    let heard = events(&customers.heard());
    let undone = EventKind::Public(PublicFact::Undone {
        seat: Seat::Agent,
        picture,
        strokes: vec![own],
    });
    assert_eq!(heard.last().map(|event| &event.kind), Some(&undone));
    // There is nothing of the agent's left to take back.
    let nothing = agents.about("annotation", "undo", picture).await;
    assert_eq!((nothing.refused, customers.heard()), (None, vec![]));
    agents.about("annotation", "redo", picture).await;
    customers.about("annotation", "undo_all", picture).await;
    let kinds = kinds(&events(&agents.heard()));
    assert_eq!(kinds, ["undone"], "the redo came before its answer");
    assert_eq!(
        customers
            .about("annotation", "clear", picture)
            .await
            .refused,
        Some(Refusal::NotYours)
    );
    let board = world.state(agents.session).await.board.unwrap();
    assert_eq!(board, replayed(&agents, picture).await);
}

#[tokio::test]
async fn on_a_board_that_is_not_open_nobody_draws() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = pictured(&mut agents, &mut customers).await;
    customers.about("screenshots", "close", picture).await;
    for kind in ["undo", "undo_all", "redo", "clear"] {
        let refused = agents.about("annotation", kind, picture).await.refused;
        assert_eq!(refused, Some(Refusal::BoardClosed), "{kind}");
    }
    let refused = customers.draws(picture, 1).await.refused;
    assert_eq!(refused, Some(Refusal::BoardClosed));
}

#[tokio::test]
async fn a_full_board_takes_no_more_and_the_call_goes_on() {
    let world = World::with(|config| config.rules.strokes_max = 20);
    let (mut agents, mut customers) = world.call().await;
    let picture = pictured(&mut agents, &mut customers).await;
    assert_eq!(customers.draws(picture, 16).await.refused, None);
    assert_eq!(
        agents.draws(picture, 5).await.refused,
        Some(Refusal::LimitReached)
    );
    assert_eq!(agents.draws(picture, 4).await.refused, None);
    assert_eq!(agents.chat("full").await.refused, None);
}

#[tokio::test]
async fn a_board_opened_again_has_its_strokes_and_their_undo() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let first = pictured(&mut agents, &mut customers).await;
    let mine = [customers.draw(first).await, customers.draw(first).await];
    let theirs = agents.draw(first).await;
    agents.about("annotation", "undo", first).await;
    agents.about("screenshots", "close", first).await;

    let second = pictured(&mut agents, &mut customers).await;
    let other = customers.draw(second).await;
    agents.heard();
    // From board to board at once: the second is kept.
    let opened = customers.about("screenshots", "open", first).await;
    assert_eq!(opened.refused, None);
    assert_eq!(kinds(&events(&agents.heard())), ["board_opened"]);
    let board = world.state(agents.session).await.board.unwrap();
    assert_eq!(board, replayed(&agents, first).await);
    assert_eq!(board.strokes.len(), 3);

    // Opening what is open changes nothing for anybody.
    let again = agents.about("screenshots", "open", first).await;
    assert_eq!((again.refused, customers.heard()), (None, vec![]));

    customers.about("annotation", "undo", first).await;
    agents.about("annotation", "redo", first).await;
    let board = world.state(agents.session).await.board.unwrap();
    let stands: Vec<u32> = board
        .strokes
        .iter()
        .filter(|mark| mark.undone.is_none())
        .map(|mark| mark.id)
        .collect();
    assert_eq!(stands, [mine[0], theirs]);
    assert_eq!(board, replayed(&agents, first).await);

    agents.about("screenshots", "open", second).await;
    let board = world.state(agents.session).await.board.unwrap();
    let stroke = Mark {
        id: other,
        author: Seat::Customer,
        undone: None,
    };
    assert_eq!(board.strokes, [stroke]);
}

#[tokio::test]
async fn a_board_is_rebuilt_from_a_log_of_any_length() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let first = pictured(&mut agents, &mut customers).await;
    for _ in 0..40 {
        assert_eq!(customers.draws(first, 16).await.refused, None);
    }
    let before = world.state(agents.session).await.board.unwrap();
    assert_eq!(before.strokes.len(), 640);
    agents.about("screenshots", "close", first).await;
    agents.about("screenshots", "open", first).await;
    let after = world.state(agents.session).await.board.unwrap();
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_cannot_be_opened_is_refused_and_remembered() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let baseless = agents.capture().await;
    agents.about("screenshots", "close", baseless).await;
    for picture in [baseless, 0, 9_999, u32::MAX] {
        let refused = agents.about("screenshots", "open", picture).await.refused;
        assert_eq!(refused, Some(Refusal::NoPicture), "{picture}");
    }
    let picture = pictured(&mut agents, &mut customers).await;
    agents.delete(picture).await;
    let refused = customers.about("screenshots", "open", picture).await;
    assert_eq!(refused.refused, Some(Refusal::NoPicture));
    let rest = json!({ "picture": picture });
    let again = customers.again("screenshots", "open", rest).await;
    assert_eq!(again.refused, Some(Refusal::NoPicture));
    assert_eq!(customers.link(base(picture)).await, Err(Refusal::NoPicture));
}

#[tokio::test]
async fn a_board_that_changes_while_it_is_opened_is_opened_as_it_is_then() {
    for moment in 0..40 {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        let picture = pictured(&mut agents, &mut customers).await;
        customers.draw(picture).await;
        customers.about("screenshots", "close", picture).await;
        let (opened, ()) = tokio::join!(agents.about("screenshots", "open", picture), async {
            for _ in 0..moment {
                tokio::task::yield_now().await;
            }
            customers.about("screenshots", "open", picture).await;
            customers.draws(picture, 3).await;
            customers.about("annotation", "undo", picture).await;
            customers.about("screenshots", "close", picture).await;
        });
        assert_eq!(opened.refused, None, "{moment}");
        if world.state(agents.session).await.board.is_none() {
            agents.about("screenshots", "open", picture).await;
        }
        let board = world.state(agents.session).await.board.unwrap();
        assert_eq!(board, replayed(&agents, picture).await, "{moment}");
    }
}

#[tokio::test]
async fn an_opening_whose_answer_was_lost_is_done_once() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = pictured(&mut agents, &mut customers).await;
    customers.draw(picture).await;
    customers.about("screenshots", "close", picture).await;
    world.memory().order(crate::memory::Faults {
        lost_answers: 1,
        ..Default::default()
    });
    let opened = customers.about("screenshots", "open", picture).await;
    assert_eq!(opened.refused, None);
    let kinds = agents.kinds().await;
    let opened = kinds.iter().filter(|kind| *kind == "board_opened");
    assert_eq!(opened.count(), 1);
    let board = world.state(agents.session).await.board.unwrap();
    assert_eq!(board.strokes.len(), 1);
}

#[tokio::test]
async fn what_passes_reaches_the_other_page_alone_and_is_forgotten() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    let before = world.state(agents.session).await;
    let passing = Passing::Pointer {
        picture: None,
        at: Some(Point(1, 65_535)),
    };
    let rest = json!({ "passing": passing });
    agents.say("annotation", "passing", rest).await;
    let hears = AnnotationHears::Passing { passing };
    assert_eq!(customers.heard(), [PageHears::Annotation(hears)]);
    assert_eq!(agents.heard(), []);
    assert_eq!(world.state(agents.session).await, before);
}
