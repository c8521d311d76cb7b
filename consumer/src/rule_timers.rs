//! Missing events: calls the use cases that are due, once their route has caught up with that time.

use std::sync::Arc;
use std::time::Duration;

use domain::Route;
use runtime::clock;
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::process::Process;

/// How often.
const EVERY: Duration = Duration::from_millis(250);

/// Watches until the service stops.
pub async fn watch(process: Arc<Process>, live: Arc<Live>, stop: CancellationToken) -> anyhow::Result<()> {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        for route in Route::ALL {
            // All events that came onto the route before then are processed; a route that is behind decides later.
            let until = live.drained_at(route).min(clock::now());
            if let Err(error) = process.decide(route, until).await {
                tracing::warn!(error = &error as &dyn std::error::Error, %route, "due use cases were not decided; trying again");
            }
        }
    }
    Ok(())
}
