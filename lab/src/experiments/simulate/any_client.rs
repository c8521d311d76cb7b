//! A client of a simulation: the page's tracker, or a light one.

use domain::api::Processed;
use domain::api::simulation::{MAX_RATE, Parameters, Sent};
use domain::{Route, SessionId, Timestamp};
use tokio_util::sync::CancellationToken;

use super::client::Client;
use super::clock::Clock;
use super::light::Light;
use super::plan::Action;
use super::setting::Setting;
use super::times::Delays;
use crate::experiments::wire::Wire;

/// A client.
pub(super) enum AnyClient {
    /// The page's tracker.
    Full(Box<Client>),
    /// Clicks alone.
    Light(Box<Light>),
}

impl AnyClient {
    /// A new session; a light one above the rate of the page's simulations.
    pub(super) fn new(wire: Wire, parameters: &Parameters, clock: Clock, setting: &Setting, report_ms: i64) -> Self {
        let route = parameters.route;
        if is_light(parameters) {
            Self::Light(Box::new(Light::new(wire, route, clock, setting, report_ms)))
        } else {
            Self::Full(Box::new(Client::new(wire, route, clock, setting, report_ms)))
        }
    }

    pub(super) fn session(&self) -> SessionId {
        match self {
            Self::Full(client) => client.session,
            Self::Light(client) => client.session,
        }
    }

    /// Does an action that was due at `at`; `run` is in the names of its orders. Never waits.
    pub(super) fn act(&self, action: Action, run: &str, at: Timestamp) {
        match self {
            Self::Full(client) => {
                let (kind, data) = action.event(run);
                client.emit(kind, data, at);
            }
            Self::Light(client) => client.emit(at),
        }
    }

    /// Sends, retries and reports until `no_more` is cancelled and everything is answered and reported.
    pub(super) async fn run(&self, delays: &Delays, no_more: &CancellationToken) {
        match self {
            Self::Full(client) => client.run(delays, no_more).await,
            Self::Light(client) => client.run(delays, no_more).await,
        }
    }

    /// Measures an event that the live stream shows as processed; light clients have no times until processed.
    pub(super) fn processed(&self, event: &Processed, delays: &Delays) {
        if let Self::Full(client) = self {
            client.processed(event, delays);
        }
    }

    /// Its counts for one route.
    pub(super) fn sent(&self, route: Route) -> Sent {
        match self {
            Self::Full(client) => client.sent(route),
            Self::Light(client) => client.sent(route),
        }
    }
}

/// Whether the clients are light.
pub(super) fn is_light(parameters: &Parameters) -> bool {
    parameters.rate > MAX_RATE
}
