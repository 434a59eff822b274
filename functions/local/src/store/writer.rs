//! The one thread that writes. Whoever waits while a transaction is being synced shares the next
//! one: under load the disk's latency is paid once for many commits, and a single commit never
//! waits for company.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use redb::WriteTransaction;
use tokio::sync::oneshot;

use super::Shelf;
use super::failure::Failure;

/// Most pieces of work in one transaction, so that nobody waits for an endless one.
const TOGETHER_MAX: usize = 128;

/// Hands work to the thread.
pub struct Writer {
    line: mpsc::Sender<Work>,
    thread: JoinHandle<()>,
}

/// Some writing to be done in a transaction.
struct Work(Box<dyn FnOnce(&WriteTransaction) -> Written + Send>);

/// What became of it, and how to tell about it once the transaction has ended.
struct Written {
    done: Result<(), Failure>,
    tell: Tell,
}

struct Tell(Box<dyn FnOnce(Result<(), Failure>) + Send>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(shelf: Arc<Shelf>) -> std::io::Result<Self> {
        let (line, work) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                while let Ok(first) = work.recv() {
                    let more = work.try_iter().take(TOGETHER_MAX - 1);
                    together(&shelf, std::iter::once(first).chain(more));
                }
            })?;
        Ok(Self { line, thread })
    }

    /// Puts work in the line. The answer comes when it is on the disk.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Failure>> {
        let (answer, told) = oneshot::channel();
        let work = Work(Box::new(move |transaction| {
            let (done, value) = match work(transaction) {
                Ok(value) => (Ok(()), Ok(value)),
                Err(failure) => (Err(failure.clone()), Err(failure)),
            };
            let tell = Tell(Box::new(move |end| {
                // Whoever asked may have gone; the work is done all the same.
                let _ = answer.send(end.and(value));
            }));
            Written { done, tell }
        }));
        // A thread that has ended drops the work, and with it the answer's sender: the caller hears
        // of it.
        let _ = self.line.send(work);
        told
    }

    /// Does what is in the line, and ends the thread.
    pub fn finish(self) {
        drop(self.line);
        let _ = self.thread.join();
    }
}

fn together(shelf: &Shelf, line: impl Iterator<Item = Work>) {
    let mut told = Vec::new();
    let end = transact(shelf, line, &mut told);
    if let Err(failure) = &end {
        tracing::error!(error = %failure, "nothing was written");
        if failure.ill
            && let Err(failure) = shelf.reopen()
        {
            tracing::error!(error = %failure, "the database stays closed");
        }
    }
    for Tell(tell) in told {
        tell(end.clone());
    }
}

fn transact(
    shelf: &Shelf,
    line: impl Iterator<Item = Work>,
    told: &mut Vec<Tell>,
) -> Result<(), Failure> {
    if shelf.borrow().is_none() {
        shelf.reopen()?;
    }
    let place = shelf.borrow();
    let transaction = place.as_ref().ok_or_else(Failure::closed)?.begin_write()?;
    for Work(work) in line {
        let Written { done, tell } = work(&transaction);
        told.push(tell);
        done?;
    }
    // `Durability::Immediate` is redb's default: on return the data is synced.
    transaction.commit()?;
    Ok(())
}
