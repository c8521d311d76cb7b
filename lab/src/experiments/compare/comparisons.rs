//! The comparisons of the page: one at a time, its state for all viewers, and the outcome of the last one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use verdict::api::ComparisonView;

use super::comparison::Comparison;
use super::ended::Ended;
use super::own_brokers::OwnBrokers;
use crate::run::front::Work;

/// How long the state that was made for one viewer is that of all others, too.
const AGE: Duration = Duration::from_secs(1);

/// The comparison under way and the last one.
#[derive(Default)]
pub(super) struct Comparisons {
    /// Brokers that run elsewhere.
    pub(super) own: Option<OwnBrokers>,
    work: Work,
    now: Mutex<Now>,
    /// The state as JSON, and when it was made. None after a comparison has begun or ended.
    view: tokio::sync::Mutex<Option<(Instant, Bytes)>>,
}

#[derive(Default)]
struct Now {
    running: Option<(Arc<Comparison>, CancellationToken)>,
    last: Option<Arc<Ended>>,
}

impl Comparisons {
    /// None has run so far; those that start are part of this work.
    pub(super) fn new(work: Work, own: Option<OwnBrokers>) -> Arc<Self> {
        Arc::new(Self { work, own, ..Self::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last comparison that has ended here; before the first one, the published one.
    pub(super) async fn last(&self) -> anyhow::Result<Arc<Ended>> {
        let last = self.lock().last.clone();
        match last {
            Some(last) => Ok(last),
            None => Ended::published().await,
        }
    }

    /// The state as JSON, [`AGE`] old at most: made once for all viewers, because a long run has many events.
    pub(super) async fn view(self: &Arc<Self>) -> anyhow::Result<Bytes> {
        // The other viewers wait here for the first.
        let mut view = self.view.lock().await;
        if let Some((made, json)) = &*view
            && made.elapsed() < AGE
        {
            return Ok(json.clone());
        }
        let (made, comparisons, published) = (Instant::now(), self.clone(), Ended::published().await?);
        let json = spawn_blocking(move || serde_json::to_vec(&comparisons.look(published))).await??;
        Ok(view.insert((made, json.into())).1.clone())
    }

    fn look(&self, published: Arc<Ended>) -> ComparisonView {
        let (running, last) = {
            let now = self.lock();
            (now.running.as_ref().map(|(comparison, _)| comparison.clone()), now.last.clone().unwrap_or(published))
        };
        ComparisonView { running: running.map(|comparison| comparison.running()), last: Some(last.last.clone()) }
    }

    /// Starts a comparison; false if another one is under way.
    pub(super) async fn start(self: &Arc<Self>, comparison: Comparison) -> bool {
        let (comparison, stop) = (Arc::new(comparison), self.work.stop.child_token());
        {
            let mut now = self.lock();
            if now.running.is_some() {
                return false;
            }
            now.running = Some((comparison.clone(), stop.clone()));
        }
        self.work.tasks.spawn(self.clone().run(comparison, stop));
        *self.view.lock().await = None;
        true
    }

    async fn run(self: Arc<Self>, comparison: Arc<Comparison>, stop: CancellationToken) {
        // A panic ends only its own task, and the next comparison can start.
        let ended = tokio::spawn(Self::ended(comparison, stop)).await.map_err(anyhow::Error::from).flatten();
        let ended = ended.inspect_err(|error| tracing::error!("the comparison failed: {error:#}")).ok().flatten();
        {
            let mut now = self.lock();
            now.running = None;
            now.last = ended.map(Arc::new).or(now.last.take());
        }
        *self.view.lock().await = None;
    }

    /// Makes the runs until `stop`. A comparison that was stopped before its first run ended changes nothing.
    async fn ended(comparison: Arc<Comparison>, stop: CancellationToken) -> anyhow::Result<Option<Ended>> {
        comparison.run(&stop, |_| ()).await;
        let results = comparison.results();
        if results.scenarios.iter().all(|scenario| scenario.runs.is_empty()) {
            return Ok(None);
        }
        Ok(Some(spawn_blocking(move || Ended::new(&results)).await??))
    }

    /// Sends a click of a visitor in the present run; false if there is none that takes it.
    pub(super) fn click(&self) -> anyhow::Result<bool> {
        let running = self.lock().running.as_ref().map(|(comparison, _)| comparison.clone());
        running.map_or(Ok(false), |comparison| comparison.click())
    }

    /// Stops the comparison under way; false if there is none.
    pub(super) fn stop(&self) -> bool {
        let now = self.lock();
        now.running.as_ref().inspect(|(_, stop)| stop.cancel()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use verdict::builtin_scenarios;

    use super::*;

    fn quick() -> Comparison {
        Comparison::new(builtin_scenarios::quick(), 1, 7, "ese compare".to_owned(), None)
    }

    async fn is_running(comparisons: &Arc<Comparisons>) -> bool {
        let view: ComparisonView = serde_json::from_slice(&comparisons.view().await.unwrap()).unwrap();
        view.running.is_some()
    }

    #[tokio::test]
    async fn all_viewers_get_the_same_state_for_a_second() {
        let comparisons = Comparisons::new(Work::default(), None);
        assert!(!is_running(&comparisons).await);
        comparisons.lock().running = Some((Arc::new(quick()), CancellationToken::new()));
        let made_at = async |moment| comparisons.view.lock().await.as_mut().unwrap().0 = moment;
        made_at(Instant::now() + Duration::from_mins(1)).await;
        assert!(!is_running(&comparisons).await, "the state of before");
        made_at(Instant::now() - AGE).await;
        assert!(is_running(&comparisons).await);
    }

    #[tokio::test]
    async fn one_comparison_at_a_time_and_the_state_shows_its_begin_and_its_end_at_once() {
        let work = Work::default();
        let comparisons = Comparisons::new(work.clone(), None);
        work.stop.cancel();
        assert!(!is_running(&comparisons).await);
        assert!(comparisons.start(quick()).await);
        assert!(!comparisons.start(quick()).await);
        assert!(is_running(&comparisons).await);
        work.tasks.close();
        work.tasks.wait().await;
        assert!(!is_running(&comparisons).await);
        assert!(comparisons.last().await.unwrap().last.published, "no run was made");
        assert!(comparisons.start(quick()).await);
    }
}
