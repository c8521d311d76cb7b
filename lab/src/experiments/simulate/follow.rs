//! Follows the live stream, and measures when the clients' events are processed.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::SessionId;
use domain::api::Processed;

use super::any_client::AnyClient;
use super::setting::Setting;
use super::times::Delays;
use crate::experiments::wire::Wire;

/// The time until the next try after the stream has ended.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Follows the stream of the target, again after each end; never returns.
pub(super) async fn follow(setting: Setting, clients: Vec<Arc<AnyClient>>, delays: Arc<Delays>) {
    let clients: HashMap<SessionId, Arc<AnyClient>> =
        clients.into_iter().map(|client| (client.session(), client)).collect();
    loop {
        if let Ok(wire) = Wire::with(&setting.target, None, setting.headers.clone()) {
            // Without the stream the times until processed are left out, and everything else goes on.
            _ = read(&wire, &clients, &delays).await;
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn read(wire: &Wire, clients: &HashMap<SessionId, Arc<AnyClient>>, delays: &Delays) -> reqwest::Result<()> {
    let mut stream = wire.live().await?;
    while let Some(message) = stream.next().await? {
        for event in message.content::<Vec<Processed>>("events").unwrap_or_default() {
            if let Some(client) = event.session.and_then(|session| clients.get(&session)) {
                client.processed(&event, delays);
            }
        }
    }
    Ok(())
}
