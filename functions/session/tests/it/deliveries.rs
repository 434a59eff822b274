//! Pages that repeat until they are answered, over a network that loses, repeats and reorders in
//! both directions.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;
use sightline_session::{Answer, Event, Fact, PageCommand, Rules, State, Taken, Turn, apply, take};
use sightline_wire::{PageId, PublicFact, Seat};

use crate::given::{BEGUN, begun, log_only, say};
use crate::strategies::page_command;

/// A page with its commands in order. One is unanswered at a time.
struct Page {
    seat: Seat,
    id: PageId,
    script: Vec<PageCommand>,
    answers: Vec<Answer>,
}

impl Page {
    /// The number and the command it waits to be answered, until all are.
    fn open(&self) -> Option<(u32, &PageCommand)> {
        let n = u32::try_from(self.answers.len()).ok()? + 1;
        Some((n, self.script.get(self.answers.len())?))
    }

    fn hears(&mut self, n: u32, answer: Answer) {
        if self.open().is_some_and(|(open, _)| open == n) {
            self.answers.push(answer);
        }
    }
}

#[derive(Clone, Debug)]
enum Letter {
    Asks {
        from: usize,
        n: u32,
        command: PageCommand,
    },
    Answers {
        to: usize,
        n: u32,
        answer: Answer,
    },
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Send,
    Arrive,
    ArriveAndStay,
    GetLost,
}

struct Network {
    pages: Vec<Page>,
    letters: Vec<Letter>,
    state: State,
    log: Vec<Event>,
    /// The commands taken: page, number and answer.
    taken: Vec<(usize, u32, Answer)>,
    now_ms: u64,
}

impl Network {
    fn new(scripts: Vec<Vec<PageCommand>>) -> Self {
        let (state, first) = begun();
        let page = |(place, script): (usize, Vec<PageCommand>)| {
            let own = |(line, command): (usize, PageCommand)| match command {
                // Each line tells where it came from, so that the log can be checked.
                PageCommand::Say { .. } => say(&format!("{place}: {line}")),
                other => other,
            };
            Page {
                seat: Seat::ALL[place % 2],
                id: PageId::from_bytes([u8::try_from(place).expect("few pages"); 16]),
                script: script.into_iter().enumerate().map(own).collect(),
                answers: Vec::new(),
            }
        };
        Self {
            pages: scripts.into_iter().enumerate().map(page).collect(),
            letters: Vec::new(),
            state,
            log: vec![first],
            taken: Vec::new(),
            now_ms: BEGUN,
        }
    }

    fn happen(&mut self, fate: Fate, which: Index) {
        if let Fate::Send = fate {
            return self.send(which.index(self.pages.len()));
        }
        if self.letters.is_empty() {
            return;
        }
        let place = which.index(self.letters.len());
        let letter = match fate {
            Fate::ArriveAndStay => self.letters[place].clone(),
            _ => self.letters.swap_remove(place),
        };
        if !matches!(fate, Fate::GetLost) {
            self.arrive(letter);
        }
    }

    fn send(&mut self, from: usize) {
        if let Some((n, command)) = self.pages[from].open() {
            let command = command.clone();
            self.letters.push(Letter::Asks { from, n, command });
        }
    }

    fn arrive(&mut self, letter: Letter) {
        self.now_ms += 7;
        match letter {
            Letter::Answers { to, n, answer } => self.pages[to].hears(n, answer),
            Letter::Asks { from, n, command } => {
                let Page { seat, id: page, .. } = self.pages[from];
                let turn = Turn { seat, page, n };
                let answer = match take(
                    &mut self.state,
                    turn,
                    &command,
                    self.now_ms,
                    &Rules::default(),
                ) {
                    // A late duplicate: the page waits for no such answer.
                    Taken::OutOfTurn { expected } => {
                        assert!(n < expected, "a page skips no number");
                        return;
                    }
                    Taken::Repeat(answer) => answer,
                    Taken::Fresh { events, answer } => {
                        self.log.extend(events);
                        self.taken.push((from, n, answer));
                        answer
                    }
                };
                self.letters.push(Letter::Answers {
                    to: from,
                    n,
                    answer,
                });
            }
        }
    }

    /// The network works from here on, newest letters first, until everybody has been answered.
    fn settle(&mut self) {
        while !self.letters.is_empty() || self.pages.iter().any(|page| page.open().is_some()) {
            for place in 0..self.pages.len() {
                self.send(place);
            }
            while let Some(letter) = self.letters.pop() {
                self.arrive(letter);
            }
        }
    }
}

fn scripts() -> impl Strategy<Value = Vec<Vec<PageCommand>>> {
    let script = prop::collection::vec(page_command(), 0..10);
    prop::collection::vec(script, 2..8)
}

fn fates() -> impl Strategy<Value = Vec<(Fate, Index)>> {
    let fate = prop_oneof![
        4 => Just(Fate::Send),
        4 => Just(Fate::Arrive),
        2 => Just(Fate::ArriveAndStay),
        1 => Just(Fate::GetLost),
    ];
    prop::collection::vec((fate, any::<Index>()), 0..250)
}

/// A page's copy of the session: applies what is next, keeps what is early, drops what it has.
struct Replica {
    state: State,
    early: BTreeMap<u32, Event>,
}

impl Replica {
    fn new() -> Self {
        Self {
            state: begun().0,
            early: BTreeMap::new(),
        }
    }

    fn hears(&mut self, event: &Event) {
        if event.seq > self.state.head {
            self.early.insert(event.seq, event.clone());
        }
        while let Some(next) = self.early.remove(&(self.state.head + 1)) {
            let again = apply(&mut self.state, next.fact.clone(), next.at_ms);
            assert_eq!(again, next);
        }
    }
}

fn check_each_command_was_taken_once(network: &Network) {
    for (place, page) in network.pages.iter().enumerate() {
        let taken = network.taken.iter().filter(|(from, ..)| *from == place);
        let (numbers, answers): (Vec<_>, Vec<_>) =
            taken.map(|(_, n, answer)| (*n, *answer)).unzip();
        let all: Vec<_> = (1..).take(page.script.len()).collect();
        assert_eq!(numbers, all, "each command once and in its order");
        assert_eq!(
            page.answers, answers,
            "a page hears what was answered first"
        );
        let lines = page
            .script
            .iter()
            .zip(&answers)
            .filter_map(|pair| match pair {
                (PageCommand::Say { text }, Answer::Done) => Some(text.as_str()),
                _ => None,
            });
        let from_here = format!("{place}: ");
        let said = network.log.iter().filter_map(|event| match &event.fact {
            Fact::Public(PublicFact::Said { text, .. }) => {
                Some(text.as_str()).filter(|text| text.starts_with(&from_here))
            }
            _ => None,
        });
        assert!(
            lines.eq(said),
            "each line is in the log once and in its order"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn however_letters_travel_every_command_is_taken_once_and_in_its_order(
        scripts in scripts(),
        fates in fates(),
    ) {
        let mut network = Network::new(scripts);
        for (fate, which) in fates {
            network.happen(fate, which);
        }
        network.settle();
        check_each_command_was_taken_once(&network);
        for (event, place) in network.log.iter().zip(1..) {
            prop_assert_eq!(event.seq, place);
        }
    }

    #[test]
    fn however_events_travel_all_replicas_become_equal(
        scripts in scripts(),
        fates in fates(),
        travels in prop::collection::vec(prop::collection::vec(any::<Index>(), 0..300), 3),
    ) {
        let mut network = Network::new(scripts);
        for (fate, which) in fates {
            network.happen(fate, which);
        }
        network.settle();
        for travel in travels {
            let mut replica = Replica::new();
            for which in travel {
                replica.hears(which.get(&network.log));
                prop_assert!(replica.state.head <= network.state.head);
            }
            // Asks for lost events after the last one known.
            let missing = replica.state.head as usize;
            for event in &network.log[missing..] {
                replica.hears(event);
            }
            prop_assert!(replica.early.is_empty());
            prop_assert_eq!(log_only(&replica.state), log_only(&network.state));
        }
    }
}
