//! The writer thread. Work that arrives while a transaction is being synced shares the next one:
//! under load many commits share one sync, and a single commit never waits for others.

use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use redb::WriteTransaction;
use tokio::sync::oneshot;

use super::DatabaseFile;
use super::failure::DatabaseFailure;

/// Most pieces of work in one transaction, which bounds its duration.
const TOGETHER_MAX: usize = 128;

/// Hands work to the thread.
pub struct Writer {
    line: mpsc::Sender<Box<dyn Work>>,
    thread: JoinHandle<()>,
}

/// Work for a transaction. It runs again when other work made the transaction fail.
trait Work: Send {
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), DatabaseFailure>;

    /// Reports the outcome after the end of the transaction.
    fn tell(self: Box<Self>, end: Result<(), DatabaseFailure>);
}

struct Asked<T, F> {
    work: F,
    done: Option<T>,
    answer: oneshot::Sender<Result<T, DatabaseFailure>>,
}

impl<T, F> Work for Asked<T, F>
where
    T: Send,
    F: FnMut(&WriteTransaction) -> Result<T, DatabaseFailure> + Send,
{
    fn run(&mut self, transaction: &WriteTransaction) -> Result<(), DatabaseFailure> {
        self.done = Some((self.work)(transaction)?);
        Ok(())
    }

    fn tell(self: Box<Self>, end: Result<(), DatabaseFailure>) {
        let Self { done, answer, .. } = *self;
        // The caller may have stopped waiting; the work is done in any case.
        let _ = answer.send(end.and_then(|()| done.ok_or_else(DatabaseFailure::closed)));
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(file: Arc<DatabaseFile>) -> std::io::Result<Self> {
        let (line, work) = mpsc::channel::<Box<dyn Work>>();
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                while let Ok(first) = work.recv() {
                    let more = work.try_iter().take(TOGETHER_MAX - 1);
                    together(&file, std::iter::once(first).chain(more));
                }
            })?;
        Ok(Self { line, thread })
    }

    /// Queues work. The answer comes when it is on the disk.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnMut(&WriteTransaction) -> Result<T, DatabaseFailure> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, DatabaseFailure>> {
        let (answer, told) = oneshot::channel();
        let asked = Asked {
            work,
            done: None,
            answer,
        };
        // A thread that has ended drops the work and the sender of its answer, which the caller
        // notices.
        let _ = self.line.send(Box::new(asked));
        told
    }

    /// Completes the queue and ends the thread.
    pub fn finish(self) {
        drop(self.line);
        let _ = self.thread.join();
    }
}

/// Does the work in one transaction. Work that fails by itself gets its error, and the rest is done
/// again without it.
fn together(file: &DatabaseFile, mut line: impl Iterator<Item = Box<dyn Work>>) {
    let mut begun = Vec::new();
    let end = loop {
        let Err(Failed { failure, by }) = transact(file, &mut begun, &mut line) else {
            break Ok(());
        };
        tracing::error!(error = %failure, "transaction failed, nothing was written");
        if failure.must_reopen
            && let Err(failure) = file.reopen()
        {
            tracing::error!(error = %failure, "failed to reopen database");
        }
        match by.filter(|_| !failure.must_reopen) {
            Some(culprit) => begun.remove(culprit).tell(Err(failure)),
            None => break Err(failure),
        }
    };
    if end.is_err() {
        begun.extend(line);
    }
    for work in begun {
        work.tell(end.clone());
    }
}

/// Why a transaction failed, and the place of the work that did it.
struct Failed {
    failure: DatabaseFailure,
    by: Option<usize>,
}

impl<E: Into<DatabaseFailure>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self {
            failure: error.into(),
            by: None,
        }
    }
}

/// Does what was begun before and what is in line.
fn transact(
    file: &DatabaseFile,
    begun: &mut Vec<Box<dyn Work>>,
    line: &mut impl Iterator<Item = Box<dyn Work>>,
) -> Result<(), Failed> {
    if file.borrow().is_none() {
        file.reopen()?;
    }
    file.in_place()?;
    let place = file.borrow();
    let transaction = place
        .as_ref()
        .ok_or_else(DatabaseFailure::closed)?
        .begin_write()?;
    for number in 0.. {
        if number == begun.len() {
            begun.extend(line.next());
        }
        let Some(work) = begun.get_mut(number) else {
            break;
        };
        work.run(&transaction).map_err(|failure| Failed {
            failure,
            by: Some(number),
        })?;
    }
    // `Durability::Immediate` is redb's default: on return the data is synced.
    transaction.commit()?;
    // What was written into a file that has left its place meanwhile is not acknowledged.
    let in_place = file.in_place();
    Ok(in_place.inspect_err(|_| file.astray.store(true, Ordering::Release))?)
}
