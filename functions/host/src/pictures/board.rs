//! Opens the board of a stored picture again. Its strokes are in the log.

use sightline_session::{Answer, Board, PageCommand, Taken, Turn};
use sightline_wire::{Refusal, SessionId};

use super::find;
use crate::connection::Speaker;
use crate::host::Host;
use crate::ports::{Ports, Sessions};
use crate::stop::OrAnswer;

/// Events read at a time.
const PAGE_EVENTS: usize = 500;

/// How often reading continues because the board changed meanwhile, before the session counts as
/// busy.
const READINGS_MAX: u32 = 4;

impl<P: Ports> Host<P> {
    /// Opens a stored board for all seats. The command is first tried with an empty board, so an
    /// answer that needs no strokes (a repeated number, a refusal, a board that is open already)
    /// reads no log.
    pub(crate) async fn open_board(
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
            // `Busy` here means that the board has newer strokes. It is not an answer to the page
            // and is not remembered as one.
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

    /// Applies the log to a board, from `as_of` up to `until`. Returns how far it was read.
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
            let events = events.or_refuse(session)?;
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
