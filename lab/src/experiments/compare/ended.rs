//! A comparison that has ended, with the answers about it: one that ran here, or the published one.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use verdict::Results;
use verdict::api::Last;

/// The results of the published comparison.
const RESULTS: &str = include_str!("../../../../docs/comparison/results.json");

/// The published comparison, once somebody has asked for it.
static PUBLISHED: OnceCell<Arc<Ended>> = OnceCell::const_new();

/// A comparison that has ended. The answers about it are written once.
pub(super) struct Ended {
    pub(super) last: Last,
    /// `results.json`.
    pub(super) results: Bytes,
    /// `report.html`.
    pub(super) report: Bytes,
}

impl Ended {
    /// The comparison that ran here and has these results.
    pub(super) fn new(results: &Results) -> serde_json::Result<Self> {
        Ok(Self::judged(results, serde_json::to_vec(results)?.into()))
    }

    /// The published comparison; the first call reads and judges it.
    pub(super) async fn published() -> anyhow::Result<Arc<Self>> {
        let read = || async { anyhow::Ok(Arc::new(spawn_blocking(Self::read_published).await??)) };
        PUBLISHED.get_or_try_init(read).await.cloned()
    }

    fn read_published() -> serde_json::Result<Self> {
        let mut published = Self::judged(&serde_json::from_str(RESULTS)?, RESULTS.into());
        published.last.published = true;
        Ok(published)
    }

    fn judged(results: &Results, json: Bytes) -> Self {
        let judgement = verdict::judge(results);
        Self {
            last: Last::of(results, &judgement),
            results: json,
            report: verdict::report::html(results, &judgement).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_published_comparison_is_a_whole_one_of_this_version() {
        let published = Ended::published().await.unwrap();
        assert!(published.last.published && !published.last.stopped && !published.last.answers.is_empty());
        let results: Results = serde_json::from_slice(&published.results).unwrap();
        assert_eq!((results.version, &results.began), (verdict::results::VERSION, &published.last.began));
        // A lesson that turned out to be wrong is corrected here as well.
        for known in verdict::builtin_scenarios::all() {
            let run =
                results.scenarios.iter().map(|result| &result.scenario).find(|scenario| scenario.name == known.name);
            let run = run.unwrap_or_else(|| panic!("{} was not run", known.name));
            assert_eq!((&run.question, &run.lesson), (&known.question, &known.lesson), "{}", known.name);
        }
        assert!(Arc::ptr_eq(&published, &Ended::published().await.unwrap()), "it is read once");
    }
}
