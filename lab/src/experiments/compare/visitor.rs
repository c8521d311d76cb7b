//! The clicks of a visitor, mixed into a run: a sender beside those of the load. The numbers of the run are without them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use domain::{Kind, Route, RouteChoice};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use verdict::api::OwnClick;

use super::processed;
use super::recorder::Recorder;
use crate::experiments::simulate::Setting;
use crate::experiments::simulate::client::Client;
use crate::experiments::simulate::clients::own_address;
use crate::experiments::simulate::clock::Clock;
use crate::experiments::wire::Wire;

/// The most clicks in a run.
const MOST: usize = 100;
/// How often the visitor's sender reports to the ledger, at most.
const REPORT_MS: i64 = 1000;
/// The number of its address, which no client of a load and none of the warm-up has.
const NUMBER: u32 = u16::MAX as u32 - 1;

/// The run that a visitor can take part in.
#[derive(Clone)]
pub(super) struct Place {
    /// The front door.
    pub(super) target: String,
    pub(super) consumers: Vec<SocketAddr>,
    pub(super) route: Route,
    pub(super) clock: Clock,
    pub(super) http: reqwest::Client,
    /// Whether requests of the senders reach the front door.
    pub(super) online: Arc<AtomicBool>,
}

/// A visitor's sender. Dropping it ends it.
pub(super) struct Visitor {
    client: Arc<Client>,
    recorder: Arc<Recorder>,
    place: Place,
    _tasks: JoinSet<()>,
}

impl Visitor {
    pub(super) fn start(place: Place) -> anyhow::Result<Self> {
        let Place { target, consumers, route, clock, http, online } = &place;
        let setting = Setting { online: online.clone(), ..Setting::new(target.clone()) };
        let wire = Wire::new(target, own_address(target, NUMBER))?;
        let client = Arc::new(Client::new(wire, RouteChoice::One(*route), *clock, &setting, REPORT_MS));
        let (recorder, mut tasks) = (Arc::<Recorder>::default(), JoinSet::new());
        let (own, observer) = (client.clone(), recorder.clone());
        tasks.spawn(async move { own.run(&*observer, &CancellationToken::new()).await });
        for consumer in consumers {
            tasks.spawn(processed::follow(*consumer, http.clone(), recorder.clone()));
        }
        Ok(Self { client, recorder, place, _tasks: tasks })
    }

    /// Sends a click; false if the run has taken as many as it takes.
    pub(super) fn click(&self) -> bool {
        if self.clicks().len() >= MOST {
            return false;
        }
        let now = self.place.clock.now();
        self.recorder.due(self.client.session, now);
        self.client.emit(Kind::ButtonClick, json!({ "button": "mine" }), now);
        true
    }

    /// The clicks so far, and what became of each.
    pub(super) fn clicks(&self) -> Vec<OwnClick> {
        let record = self.recorder.lock();
        let dues = record.due.get(&self.client.session).map(Vec::as_slice).unwrap_or_default();
        let click = |(due, number): (&i64, u64)| {
            let accepted = record.accepted.iter().find(|(of, _)| of == due).map(|(_, at)| *at);
            let processed = record.processed.get(&(self.client.session, number)).copied();
            let after = |at: Option<i64>| at.map(|at| (at - due) as f64 / 1000.0);
            OwnClick { route: self.place.route, accepted_ms: after(accepted), processed_ms: after(processed) }
        };
        dues.iter().zip(1..).map(click).collect()
    }
}
