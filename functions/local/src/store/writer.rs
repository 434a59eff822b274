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
    line: mpsc::Sender<Work>,
    thread: JoinHandle<()>,
}

/// Work to be done in a transaction, or to be told why there is no transaction.
#[expect(
    clippy::type_complexity,
    reason = "it stands here once, and says what it takes"
)]
struct Work(Box<dyn FnOnce(Result<&WriteTransaction, DatabaseFailure>) -> Written + Send>);

/// The outcome of work, and how to report it after the end of the transaction.
struct Written {
    done: Result<(), DatabaseFailure>,
    tell: Tell,
}

struct Tell(Box<dyn FnOnce(Result<(), DatabaseFailure>) + Send>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(file: Arc<DatabaseFile>) -> std::io::Result<Self> {
        let (line, work) = mpsc::channel();
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
        work: impl FnOnce(&WriteTransaction) -> Result<T, DatabaseFailure> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, DatabaseFailure>> {
        let (answer, told) = oneshot::channel();
        let work = Work(Box::new(move |transaction| {
            let (done, value) = match transaction.and_then(work) {
                Ok(value) => (Ok(()), Ok(value)),
                Err(failure) => (Err(failure.clone()), Err(failure)),
            };
            let tell = Tell(Box::new(move |end| {
                // The caller may have stopped waiting; the work is done in any case.
                let _ = answer.send(end.and(value));
            }));
            Written { done, tell }
        }));
        // A thread that has ended drops the work and the sender of its answer, which the caller
        // notices.
        let _ = self.line.send(work);
        told
    }

    /// Completes the queue and ends the thread.
    pub fn finish(self) {
        drop(self.line);
        let _ = self.thread.join();
    }
}

fn together(file: &DatabaseFile, mut line: impl Iterator<Item = Work>) {
    let mut told = Vec::new();
    let end = transact(file, &mut line, &mut told);
    if let Err(failure) = &end {
        if told.is_empty() {
            let refused = line.map(|Work(work)| work(Err(failure.clone())).tell);
            told.extend(refused);
        }
        tracing::error!(error = %failure, "transaction failed, nothing was written");
        if failure.must_reopen
            && let Err(failure) = file.reopen()
        {
            tracing::error!(error = %failure, "failed to reopen database");
        }
    }
    for Tell(tell) in told {
        tell(end.clone());
    }
}

fn transact(
    file: &DatabaseFile,
    line: &mut impl Iterator<Item = Work>,
    told: &mut Vec<Tell>,
) -> Result<(), DatabaseFailure> {
    if file.borrow().is_none() {
        file.reopen()?;
    }
    file.in_place()?;
    let place = file.borrow();
    let transaction = place
        .as_ref()
        .ok_or_else(DatabaseFailure::closed)?
        .begin_write()?;
    for Work(work) in line {
        let Written { done, tell } = work(Ok(&transaction));
        told.push(tell);
        done?;
    }
    // `Durability::Immediate` is redb's default: on return the data is synced.
    transaction.commit()?;
    // What was written into a file that has left its place meanwhile is not acknowledged.
    file.in_place()
        .inspect_err(|_| file.astray.store(true, Ordering::Release))
}
