//! Running several futures at once without a runtime of its own.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// A future on the heap.
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Waits for all of them; each poll lets every unfinished one go on.
pub(crate) async fn all<T>(futures: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut running: Vec<(Option<Boxed<'_, T>>, Option<T>)> = futures
        .into_iter()
        .map(|future| (Some(future), None))
        .collect();
    poll_fn(move |context| {
        for (future, result) in &mut running {
            if let Some(Poll::Ready(value)) =
                future.as_mut().map(|future| future.as_mut().poll(context))
            {
                *result = Some(value);
                *future = None;
            }
        }
        if running.iter().any(|(future, _)| future.is_some()) {
            return Poll::Pending;
        }
        Poll::Ready(
            running
                .iter_mut()
                .filter_map(|(_, result)| result.take())
                .collect(),
        )
    })
    .await
}

/// Lets the others go on once.
pub(super) async fn turn() {
    let mut turned = false;
    poll_fn(|context| {
        if std::mem::replace(&mut turned, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
