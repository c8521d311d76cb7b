//! Announces a simulation that runs in a terminal to the front door, so that the page shows it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use uuid::Uuid;

use super::clients::Clients;
use crate::experiments::wire::Wire;

/// The time between two announcements.
const EVERY: Duration = Duration::from_secs(1);

/// Announces the progress, again and again. Ends where the server shows no simulations; other errors have no consequence.
pub(super) async fn announce(target: String, headers: HeaderMap, clients: Arc<Clients>) {
    let Ok(wire) = Wire::with(&target, None, headers) else { return };
    let id = Uuid::now_v7();
    loop {
        let status = wire.announce(id, &clients.progress()).await;
        if matches!(status, Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)) {
            return;
        }
        tokio::time::sleep(EVERY).await;
    }
}
