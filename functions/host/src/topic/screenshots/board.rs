//! Opening the board of a kept picture again: its strokes are in the log.

use sightline_session::{Answer, Board, PageCommand, Taken, Turn};
use sightline_wire::{Refusal, SessionId};

use super::{find, refuse};
use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{Ports, Sessions};

/// Events read at a time.
const PAGE_EVENTS: usize = 500;

/// How often the log is read on when the board was changed meanwhile, before the session counts as
/// busy.
const READINGS_MAX: u32 = 4;

impl<P: Ports> Host<P> {
    /// Opens a kept board for both. What is answered without its strokes (a repeated number, a
    /// refusal, a board that is open already) costs no look at the log: the command is first asked
    /// with no board, as of the beginning.
    pub(super) async fn open_board(
        &self,
        speaker: &Speaker<'_>,
        n: u32,
        picture: u32,
    ) -> Result<(), Refusal> {
        let (mut board, mut as_of) = (Board::empty(picture), 0);
        for _ in 0..=READINGS_MAX {
            let command = PageCommand::OpenBoard {
                board: board.clone(),
                as_of,
            };
            let (seat, changed) = self
                .change_by(speaker, |draft, seat| {
                    let page = speaker.page;
                    Ok(draft.take(Turn { seat, page, n }, &command))
                })
                .await?;
            let taken = changed.answer?;
            // That the board went on behind the log is no answer to the page, and was not
            // remembered as one.
            if !is_behind(&taken) {
                let head = speaker.head(seat, &changed.after);
                self.answer_taken(speaker, n, head, taken).await;
                return Ok(());
            }
            let touched = find(&changed.after, picture).map_or(0, |known| known.touched);
            as_of = self
                .read_on(speaker.session, &mut board, as_of, touched)
                .await?;
        }
        Err(Refusal::Busy)
    }

    /// Lets a board follow the log from where it was read to up to an event; says how far that is.
    async fn read_on(
        &self,
        session: SessionId,
        board: &mut Board,
        mut as_of: u32,
        until: u32,
    ) -> Result<u32, Refusal> {
        // Nothing happened to a picture before it was asked for.
        as_of = as_of.max(board.picture);
        while as_of < until {
            let limit = PAGE_EVENTS.min((until - as_of) as usize);
            let events = self.ports.store().events(session, as_of, limit).await;
            let events = events.map_err(|trouble| refuse(session, &trouble))?;
            let Some(last) = events.last() else {
                break;
            };
            as_of = last.seq;
            events.iter().for_each(|event| board.follow(event));
        }
        Ok(as_of)
    }
}

const fn is_behind(taken: &Taken) -> bool {
    matches!(
        taken,
        Taken::Fresh {
            answer: Answer::Refused(Refusal::Busy),
            ..
        }
    )
}
