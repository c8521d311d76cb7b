//! The present guarantee of each route: set at the start, and changed by a file that the process follows.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use domain::{ByRoute, Guarantee, Route};

use crate::followed_file;

/// The options for the guarantees.
#[derive(Clone, Debug, clap::Args)]
pub struct GuaranteeConfig {
    /// Guarantee of all routes, or ROUTE=GUARANTEE,…: at-most-once, at-least-once or effectively-once
    #[arg(long, env = "ESE_GUARANTEE", default_value = Guarantee::EffectivelyOnce.name(), value_parser = domain::guarantee::of_routes)]
    pub guarantee: ByRoute<Guarantee>,
    /// File with the guarantees of some routes, such as {"kafka": "at-least-once"}, read again whenever it changes; for experiments alone
    #[arg(long, env = "ESE_GUARANTEE_FILE", value_name = "FILE")]
    pub guarantee_file: Option<PathBuf>,
}

/// The present guarantees; the clones share them.
#[derive(Clone, Debug)]
pub struct Guarantees(Arc<[AtomicU8; 3]>);

impl Default for Guarantees {
    /// The default on every route, for good.
    fn default() -> Self {
        Self(Arc::new(Route::ALL.map(|_| AtomicU8::new(Guarantee::default() as u8))))
    }
}

impl Guarantees {
    /// The guarantees of the options; from now on they follow the file.
    pub fn start(GuaranteeConfig { guarantee, guarantee_file }: GuaranteeConfig) -> Self {
        let all = Self::default();
        all.set(&guarantee);
        if let Some(file) = guarantee_file {
            let followed = all.clone();
            followed_file::follow(file, move |text| {
                let given = if text.is_empty() { ByRoute::new() } else { serde_json::from_str(text)? };
                let mut routes = guarantee;
                given.into_iter().for_each(|(route, guarantee)| _ = routes.insert(route, guarantee));
                followed.set(&routes);
                Ok(())
            });
        }
        all
    }

    /// The present guarantee of a route.
    pub fn of(&self, route: Route) -> Guarantee {
        Guarantee::ALL[usize::from(self.0[route as usize].load(Relaxed))]
    }

    fn set(&self, routes: &ByRoute<Guarantee>) {
        for (route, &guarantee) in routes.iter() {
            if self.of(route) != guarantee {
                tracing::warn!(%route, %guarantee, "the guarantee has changed");
            }
            self.0[route as usize].store(guarantee as u8, Relaxed);
            metrics::gauge!("ese_guarantee", "route" => route.name()).set(f64::from(guarantee as u8));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::followed_file::LOOK_EVERY;

    #[tokio::test(start_paused = true)]
    async fn the_file_goes_before_the_options_and_its_end_brings_them_back() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("guarantee.json");
        std::fs::write(&file, r#"{"kafka": "at-most-once"}"#).unwrap();
        let guarantee = Guarantee::AtLeastOnce.on_all_routes();
        let guarantees = Guarantees::start(GuaranteeConfig { guarantee, guarantee_file: Some(file.clone()) });
        let all = || Route::ALL.map(|route| guarantees.of(route));
        let at_the_start = [Guarantee::AtLeastOnce, Guarantee::AtLeastOnce, Guarantee::AtMostOnce];
        assert_eq!(all(), at_the_start);

        for wrong in ["{", r#"{"kafka": "exactly-once"}"#, r#"{"pigeon": "at-most-once"}"#] {
            std::fs::write(&file, wrong).unwrap();
            tokio::time::sleep(LOOK_EVERY * 2).await;
            assert_eq!(all(), at_the_start, "a file that is not understood changes nothing");
        }
        std::fs::write(&file, r#"{"http-push": "effectively-once"}"#).unwrap();
        tokio::time::sleep(LOOK_EVERY * 2).await;
        assert_eq!(all(), [Guarantee::EffectivelyOnce, Guarantee::AtLeastOnce, Guarantee::AtLeastOnce]);
        std::fs::remove_file(&file).unwrap();
        tokio::time::sleep(LOOK_EVERY * 2).await;
        assert_eq!(all(), [Guarantee::AtLeastOnce; 3]);
    }
}
