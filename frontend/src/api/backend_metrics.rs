//! The backend's metrics: what it goes on counting while the consumer is silent.

use domain::Route;

use super::fetch;

/// What the page reads from the backend's metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackendMetrics {
    /// The events accepted since the backend started, in the order of [`Route::ALL`].
    pub accepted: [u64; 3],
    /// Seconds until the oldest waiting event of http-poll's store expires; none if no event waits there.
    pub expires_seconds: Option<u64>,
}

/// The metrics; none where the server does not pass them on.
pub async fn look() -> Option<BackendMetrics> {
    match fetch("/metrics").await {
        Ok((200, text)) => read(&text),
        _ => None,
    }
}

fn read(text: &str) -> Option<BackendMetrics> {
    let mut metrics = BackendMetrics::default();
    let mut any = false;
    for line in text.lines().filter(|line| line.starts_with("ese_")) {
        any = true;
        let Some((name, number)) = line.rsplit_once(' ') else { continue };
        let number = number.parse::<u64>().ok();
        if name.starts_with("ese_ingest_events_total{") && name.contains("outcome=\"accepted\"") {
            let mut routes = Route::ALL.into_iter();
            let route = routes.find(|route| name.contains(&format!("route=\"{}\"", route.name())));
            if let (Some(route), Some(number)) = (route, number) {
                metrics.accepted[route as usize] = number;
            }
        } else if name == "ese_store_oldest_expires_seconds" {
            metrics.expires_seconds = number;
        }
    }
    any.then_some(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accepted_events_and_the_next_expiry() {
        let text = "# HELP ese_ingest_events_total Events by route and outcome\n\
            ese_ingest_events_total{route=\"kafka\",outcome=\"accepted\"} 12\n\
            ese_ingest_events_total{outcome=\"accepted\",route=\"http-poll\"} 7\n\
            ese_ingest_events_total{route=\"http-poll\",outcome=\"retry\"} 99\n\
            ese_store_oldest_expires_seconds 593\n";
        assert_eq!(read(text), Some(BackendMetrics { accepted: [0, 7, 12], expires_seconds: Some(593) }));
        assert_eq!(
            read("ese_store_oldest_expires_seconds NaN\n"),
            Some(BackendMetrics { accepted: [0; 3], expires_seconds: None }),
            "nothing waits"
        );
        assert_eq!(read("<!doctype html>"), None, "another server");
    }
}
