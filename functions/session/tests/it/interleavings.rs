//! Two people at one board, in any order: the events match those of a naive model of the rules.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sightline_session::{
    Answer, Event, Fact, PageCommand, Rules, State, Taken, Turn, apply, next_number, replay, take,
};
use sightline_wire::{PageId, PublicFact, Refusal, Seat, Seats};

use crate::given::{A1, BEGUN, C1, begun};
use crate::shown::{
    asked, cleared, closed, deleted, draw, drawn, keep, kept, opened, ready, redone, send, sent,
    undone,
};

/// An act on the open board, or on the picture at a place.
#[derive(Clone, Debug)]
enum Act {
    Shutter,
    Keep(usize),
    Draw(usize),
    Undo,
    UndoAll,
    Redo,
    Clear,
    Close,
    /// The log was read this many events ago.
    Open(usize, u32),
    Delete(usize),
    Send,
}

fn act() -> impl Strategy<Value = Act> {
    let place = || 0..3_usize;
    prop_oneof![
        4 => Just(Act::Shutter),
        3 => place().prop_map(Act::Keep),
        20 => (1..4_usize).prop_map(Act::Draw),
        12 => Just(Act::Undo),
        4 => Just(Act::UndoAll),
        10 => Just(Act::Redo),
        1 => Just(Act::Clear),
        2 => Just(Act::Close),
        4 => (place(), prop_oneof![3 => Just(0), 1 => 0..6_u32])
            .prop_map(|(place, behind)| Act::Open(place, behind)),
        1 => place().prop_map(Act::Delete),
        2 => Just(Act::Send),
    ]
}

fn acts() -> impl Strategy<Value = Vec<(Seat, Act)>> {
    let seat = prop::sample::select(Seat::ALL.to_vec());
    prop::collection::vec((seat, act()), 0..150)
}

/// A picture of the model: standing strokes by author, and each seat's undos, newest last.
#[derive(Clone, Debug, Default)]
struct Sheet {
    based: bool,
    standing: Vec<(u32, Seat)>,
    taken_back: Seats<Vec<Vec<u32>>>,
    changed: u32,
}

impl Sheet {
    fn own(&self, seat: Seat) -> Vec<u32> {
        let own = self.standing.iter().filter(|(_, author)| *author == seat);
        own.map(|(id, _)| *id).collect()
    }

    fn take_back(&mut self, seat: Seat, ids: &[u32]) {
        self.standing.retain(|(id, _)| !ids.contains(id));
        self.taken_back.get_mut(seat).push(ids.to_vec());
    }

    /// The number of strokes that stand or can be redone.
    fn size(&self) -> usize {
        let hidden = |seat: Seat| self.taken_back.get(seat).concat().len();
        self.standing.len() + hidden(Seat::Agent) + hidden(Seat::Customer)
    }
}

#[derive(Default)]
struct Model {
    head: u32,
    sheets: BTreeMap<u32, Sheet>,
    open: Option<u32>,
    sent: Vec<(u32, u32)>,
}

impl Model {
    /// The picture at a place; an unknown number if there are too few.
    fn picture(&self, place: usize) -> u32 {
        self.sheets.keys().nth(place).copied().unwrap_or(999)
    }

    fn open_sheet(&mut self) -> Result<(u32, &mut Sheet), Refusal> {
        let open = self.open.ok_or(Refusal::BoardClosed)?;
        let sheet = self.sheets.get_mut(&open).expect("open means there");
        Ok((open, sheet))
    }

    /// Carries out an act and returns its events or its refusal.
    fn follows(&mut self, seat: Seat, act: &Act, rules: &Rules) -> Result<Vec<Fact>, Refusal> {
        let events = match act {
            Act::Shutter => self.press_shutter(seat, rules)?,
            Act::Keep(place) => self.keep(*place)?,
            Act::Draw(count) => self.draw(seat, *count, rules)?,
            Act::Undo => self.undo(seat, 1)?,
            Act::UndoAll => self.undo(seat, usize::MAX)?,
            Act::Redo => self.redo(seat)?,
            Act::Clear => self.clear(seat)?,
            Act::Close => self.close(seat),
            Act::Open(place, behind) => self.open(seat, *place, *behind)?,
            Act::Delete(place) => self.delete(seat, *place)?,
            Act::Send => self.send(seat)?,
        };
        self.head += u32::try_from(events.len()).expect("few");
        let inked = matches!(
            act,
            Act::Draw(_) | Act::Undo | Act::UndoAll | Act::Redo | Act::Clear
        );
        let head = self.head;
        if inked && !events.is_empty() {
            self.open_sheet()?.1.changed = head;
        }
        Ok(events)
    }

    fn press_shutter(&mut self, seat: Seat, rules: &Rules) -> Result<Vec<Fact>, Refusal> {
        if self.open.is_some() {
            return Ok(vec![]);
        }
        let mut events = vec![];
        if self.sheets.len() >= rules.pictures_max as usize {
            let mut never_came = self.sheets.iter().filter(|(_, sheet)| !sheet.based);
            let (gone, _) = never_came.next().ok_or(Refusal::LimitReached)?;
            let gone = *gone;
            self.sheets.remove(&gone);
            events.push(deleted(seat, gone));
        }
        let picture = self.head + 1 + u32::try_from(events.len()).expect("few");
        let sheet = Sheet {
            changed: picture,
            ..Sheet::default()
        };
        self.sheets.insert(picture, sheet);
        self.open = Some(picture);
        events.push(asked(seat));
        Ok(events)
    }

    fn keep(&mut self, place: usize) -> Result<Vec<Fact>, Refusal> {
        let picture = self.picture(place);
        let sheet = self.sheets.get_mut(&picture).ok_or(Refusal::NoPicture)?;
        let first = !std::mem::replace(&mut sheet.based, true);
        Ok(first.then(|| kept(picture)).into_iter().collect())
    }

    fn draw(&mut self, seat: Seat, count: usize, rules: &Rules) -> Result<Vec<Fact>, Refusal> {
        let next = self.head + 1;
        let (picture, sheet) = self.open_sheet()?;
        let mut after = sheet.clone();
        after.taken_back.get_mut(seat).clear();
        if after.size() + count > rules.strokes_max as usize {
            return Err(Refusal::LimitReached);
        }
        let ids = (next..).take(count);
        after.standing.extend(ids.map(|id| (id, seat)));
        *sheet = after;
        Ok(vec![drawn(seat, picture); count])
    }

    fn undo(&mut self, seat: Seat, at_most: usize) -> Result<Vec<Fact>, Refusal> {
        let (picture, sheet) = self.open_sheet()?;
        let own = sheet.own(seat);
        let newest = own.get(own.len().saturating_sub(at_most)..);
        let ids = newest.unwrap_or_default();
        if ids.is_empty() {
            return Ok(vec![]);
        }
        sheet.take_back(seat, ids);
        Ok(vec![undone(seat, picture, ids)])
    }

    fn redo(&mut self, seat: Seat) -> Result<Vec<Fact>, Refusal> {
        let (picture, sheet) = self.open_sheet()?;
        let ids = sheet.taken_back.get_mut(seat).pop();
        let back = ids.iter().flatten().map(|id| (*id, seat));
        sheet.standing.extend(back);
        sheet.standing.sort_unstable();
        let event = ids.map(|ids| redone(seat, picture, &ids));
        Ok(event.into_iter().collect())
    }

    fn clear(&mut self, seat: Seat) -> Result<Vec<Fact>, Refusal> {
        if seat == Seat::Customer {
            return Err(Refusal::NotYours);
        }
        let (picture, sheet) = self.open_sheet()?;
        let any = sheet.size() > 0;
        sheet.standing.clear();
        sheet.taken_back = Seats::default();
        Ok(any.then(|| cleared(picture)).into_iter().collect())
    }

    fn close(&mut self, seat: Seat) -> Vec<Fact> {
        let open = self.open.take();
        open.map(|picture| closed(seat, picture))
            .into_iter()
            .collect()
    }

    fn open(&mut self, seat: Seat, place: usize, behind: u32) -> Result<Vec<Fact>, Refusal> {
        let picture = self.picture(place);
        let sheet = self.sheets.get(&picture).filter(|sheet| sheet.based);
        let sheet = sheet.ok_or(Refusal::NoPicture)?;
        if self.open == Some(picture) {
            return Ok(vec![]);
        }
        if self.head.saturating_sub(behind) < sheet.changed {
            return Err(Refusal::Busy);
        }
        self.open = Some(picture);
        Ok(vec![opened(seat, picture)])
    }

    fn delete(&mut self, seat: Seat, place: usize) -> Result<Vec<Fact>, Refusal> {
        let picture = self.picture(place);
        self.sheets.remove(&picture).ok_or(Refusal::NoPicture)?;
        self.open = self.open.filter(|open| *open != picture);
        Ok(vec![deleted(seat, picture)])
    }

    fn send(&mut self, seat: Seat) -> Result<Vec<Fact>, Refusal> {
        let (picture, sheet) = self.open_sheet().map_err(|_| Refusal::NoPicture)?;
        let through = sheet.changed;
        if !sheet.based {
            return Err(Refusal::NoPicture);
        }
        let new = !self.sent.contains(&(picture, through));
        if new {
            self.sent.push((picture, through));
        }
        let event = new.then(|| sent(seat, picture, through));
        Ok(event.into_iter().collect())
    }
}

/// The command for an act.
fn command(act: &Act, model: &Model, log: &[Event]) -> PageCommand {
    let picture = model.open.unwrap_or(999);
    match act {
        Act::Shutter => PageCommand::Capture,
        Act::Keep(place) => keep(model.picture(*place), false),
        Act::Draw(count) => draw(picture, *count),
        Act::Undo => PageCommand::Undo { picture },
        Act::UndoAll => PageCommand::UndoAll { picture },
        Act::Redo => PageCommand::Redo { picture },
        Act::Clear => PageCommand::Clear { picture },
        // Closing a board that is not open must name an existing event.
        Act::Close => PageCommand::CloseBoard {
            picture: model.open.unwrap_or(1),
        },
        Act::Open(place, behind) => {
            let as_of = model.head.saturating_sub(*behind);
            let known = log.iter().take_while(|event| event.seq <= as_of);
            let board = replay(model.picture(*place), known);
            PageCommand::OpenBoard { board, as_of }
        }
        Act::Delete(place) => PageCommand::Delete {
            picture: model.picture(*place),
        },
        Act::Send => {
            let sheet = model.sheets.get(&picture);
            send(picture, sheet.map_or(picture, |sheet| sheet.changed))
        }
    }
}

struct Told {
    state: State,
    log: Vec<Event>,
    model: Model,
    rules: Rules,
}

impl Told {
    fn begun(rules: Rules) -> Self {
        let (mut state, first) = begun();
        let mut log = vec![first];
        for fact in ready() {
            log.push(apply(&mut state, fact, BEGUN));
        }
        let model = Model {
            head: state.head,
            ..Model::default()
        };
        Self {
            state,
            log,
            model,
            rules,
        }
    }

    fn acts(&mut self, seat: Seat, act: &Act) {
        // Only the customer's camera gives the sharp base.
        let seat = if matches!(act, Act::Keep(_)) {
            Seat::Customer
        } else {
            seat
        };
        let command = command(act, &self.model, &self.log);
        let expected = self.model.follows(seat, act, &self.rules);
        let page: PageId = match seat {
            Seat::Agent => A1,
            Seat::Customer => C1,
        };
        let n = next_number(&self.state, seat, page);
        let turn = Turn { seat, page, n };
        let taken = take(&mut self.state, turn, &command, BEGUN, &self.rules);
        let Taken::Fresh { events, answer } = taken else {
            panic!("{turn:?} is the next");
        };
        let facts: Vec<Fact> = events.iter().map(|event| event.fact.clone()).collect();
        match expected {
            Ok(then) => assert_eq!((facts, answer), (then, Answer::Done), "{act:?}"),
            Err(refusal) => assert_eq!((facts, answer), (vec![], Answer::Refused(refusal))),
        }
        self.log.extend(events);
        self.check();
    }

    fn check(&self) {
        assert_eq!(self.state.head, self.model.head);
        let open = self.state.board.as_ref().map(|board| board.picture);
        assert_eq!(open, self.model.open);
        if let Some(board) = &self.state.board {
            assert_eq!(board, &replay(board.picture, &self.log));
        }
        let ids: Vec<u32> = self.state.pictures.iter().map(|one| one.id).collect();
        assert!(ids.iter().eq(self.model.sheets.keys()));
        for picture in &self.state.pictures {
            let sheet = &self.model.sheets[&picture.id];
            assert_eq!(picture.touched, sheet.changed);
            let board = replay(picture.id, &self.log);
            let standing = board.strokes.iter().filter(|mark| mark.undone.is_none());
            assert!(
                standing
                    .map(|mark| (mark.id, mark.author))
                    .eq(sheet.standing.iter().copied())
            );
            assert_eq!(board.strokes.len(), sheet.size());
        }
    }
}

/// Checks that only the author of a stroke undoes or redoes it.
fn check_authors(log: &[Event]) {
    let mut authors = BTreeMap::new();
    for event in log {
        match &event.fact {
            Fact::Public(PublicFact::Drawn { seat, .. }) => {
                authors.insert(event.seq, *seat);
            }
            Fact::Public(PublicFact::Undone { seat, strokes, .. })
            | Fact::Public(PublicFact::Redone { seat, strokes, .. }) => {
                assert!(strokes.iter().all(|id| authors.get(id) == Some(seat)));
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_interleaving_of_two_authors_follows_the_naive_telling(
        acts in acts(),
        strokes_max in prop_oneof![3 => 3..30_u32, 1 => Just(1_000)],
    ) {
        let rules = Rules { strokes_max, pictures_max: 3, ..Rules::default() };
        let mut told = Told::begun(rules);
        for (seat, act) in &acts {
            told.acts(*seat, act);
        }
        check_authors(&told.log);
    }

    #[test]
    fn what_came_before_a_picture_does_not_change_its_board(acts in acts()) {
        let mut told = Told::begun(Rules::default());
        for (seat, act) in &acts {
            told.acts(*seat, act);
        }
        for picture in &told.state.pictures {
            let whole = replay(picture.id, &told.log);
            let own = told.log.iter().filter(|event| event.seq >= picture.id);
            prop_assert_eq!(&whole, &replay(picture.id, own.clone()));
            let until = own.filter(|event| event.seq <= picture.touched);
            prop_assert_eq!(whole, replay(picture.id, until));
        }
    }
}
