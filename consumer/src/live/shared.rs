//! One computation for all callers at the same time.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// A computation that runs at most once at a time. All waiting callers share the next run, so that each gets a result that
/// is newer than its call.
#[derive(Debug)]
pub(super) struct Shared<T> {
    begun: AtomicU64,
    /// The number of the last run and its result; locked during a run.
    last: Mutex<Option<(u64, T)>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { begun: AtomicU64::new(0), last: Mutex::default() }
    }
}

impl<T: Clone> Shared<T> {
    /// The result of a run that begins from now on: another's, or this `compute`.
    pub(super) async fn get(&self, compute: impl AsyncFnOnce() -> T) -> T {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some((number, result)) = &*last
            && *number > begun_before
        {
            return result.clone();
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let result = compute().await;
        *last = Some((number, result.clone()));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;
    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn waiting_callers_share_a_run_that_begins_after_their_call() {
        let (shared, source, go) = (Arc::new(Shared::default()), Arc::new(AtomicU64::new(1)), Arc::new(Notify::new()));
        let ask = || {
            let (shared, source, go) = (shared.clone(), source.clone(), go.clone());
            tokio::spawn(async move {
                let compute = async || {
                    let read = source.load(Ordering::SeqCst);
                    go.notified().await;
                    read
                };
                shared.get(compute).await
            })
        };
        let first = ask();
        while shared.begun.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        // The first reads an old value; all later callers must see the new one.
        source.store(2, Ordering::SeqCst);
        let others: Vec<_> = (0..10).map(|_| ask()).collect();
        yield_now().await;
        // Each run needs a permit. A third run would wait for ever.
        go.notify_one();
        assert_eq!(first.await.unwrap(), 1);
        go.notify_one();
        for other in others {
            assert_eq!(timeout(Duration::from_secs(10), other).await.unwrap().unwrap(), 2);
        }
        assert_eq!(shared.begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_cancelled_computation_does_not_block_the_next() {
        let shared = Shared::default();
        let endless = shared.get(async || std::future::pending::<u8>().await);
        assert!(timeout(Duration::from_millis(1), endless).await.is_err());
        assert_eq!(shared.get(async || 7).await, 7);
    }
}
