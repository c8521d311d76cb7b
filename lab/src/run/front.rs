//! The front door: the page and the APIs of all parts on one port of 127.0.0.1.

mod content_security_policy;
mod faults;
mod guarantee;
mod object;
mod parts;
mod proxy;
mod same_origin;
mod static_files;

pub(crate) use object::Object;
pub(crate) use same_origin::same_origin;
pub use static_files::Page;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::routing::{any, get};
use axum::{Router, middleware};
use runtime::admin::Admin;
use runtime::keys::Senders;
use runtime::listen::{self, Limits};
use runtime::request_checks::{Routes, guard};
use runtime::{cors, problem};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::run::faults::Faults;
use crate::run::faults::link::Link;
use crate::run::guarantees::Guarantees;
use crate::run::part::Parts;
use proxy::Proxy;

/// The time for open requests when the front door closes. Live streams have ended by then, with the consumer.
const GRACE: Duration = Duration::from_secs(2);

/// Where the parts behind the front door listen.
#[derive(Clone, Copy, Debug)]
pub struct Upstreams {
    /// The backend.
    pub backend: SocketAddr,
    /// The consumer.
    pub consumer: SocketAddr,
    /// The mailer.
    pub mailer: SocketAddr,
    /// The inbox.
    pub inbox: SocketAddr,
}

/// Makes routes, given the address of the front door and what their requests start.
pub type MoreRoutes = Arc<dyn Fn(SocketAddr, Work) -> Router + Send + Sync>;

/// Work that requests start and that goes on after their answers.
#[derive(Clone, Debug, Default)]
pub struct Work {
    /// Cancelled when everything stops: then the work ends.
    pub stop: CancellationToken,
    /// The headers of its requests to the front door.
    pub headers: HeaderMap,
    /// Tasks that must come to their end. The front door waits for them when it closes.
    pub tasks: TaskTracker,
}

/// The front door, not yet open.
pub struct Front {
    /// Where the parts listen.
    pub upstreams: Upstreams,
    /// The way to the backend.
    pub to_backend: Arc<Link>,
    /// The parts.
    pub parts: Arc<Parts>,
    /// The page.
    pub page: Page,
    /// The faults that can be started over HTTP, if any.
    pub faults: Option<Faults>,
    /// Whether pages of any origin on this machine may use the original example's contracts, as at the backend, and the
    /// tracker.
    pub demo_cors: bool,
    /// The guarantees; where faults can be started over HTTP, they can be changed as well.
    pub guarantees: Guarantees,
    /// Who may look at what the front door itself shows, and change it.
    pub admin: Admin,
    /// Who may send; the parts check it, the front door needs the origins.
    pub senders: Senders,
    /// Routes beside those of the parts.
    pub more_routes: MoreRoutes,
}

/// The front door, open.
pub struct Open {
    address: SocketAddr,
    close: CancellationToken,
    server: JoinHandle<()>,
    work: Work,
}

impl Front {
    /// Serves until [`Open::close`].
    pub fn open(self, listener: TcpListener) -> Open {
        let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)));
        let (close, work) = (CancellationToken::new(), Work { headers: self.admin.headers(), ..Work::default() });
        let router = self.router(address, work.clone());
        let server = tokio::spawn(listen::serve(listener, router, Limits::default(), close.clone()));
        Open { address, close, server, work }
    }

    fn router(self, address: SocketAddr, work: Work) -> Router {
        let Upstreams { backend, consumer, mailer, inbox } = self.upstreams;
        let client = proxy::client();
        // Passes these addresses on to a part; those of `reading` only to read.
        let to = |part, address, link, any_method: &[&str], reading: &[&str]| -> Router {
            let all = any_method.iter().fold(Router::new(), |all, path| all.route(path, any(proxy::forward)));
            let all = reading.iter().fold(all, |all, path| all.route(path, get(proxy::forward)));
            all.with_state(Proxy::new(client.clone(), part, address, link, self.parts.clone()))
        };
        let to_backend = |any_method: &[&str], reading: &[&str]| {
            to("backend", backend, Some(self.to_backend.clone()), any_method, reading)
        };
        // The original example's contracts; `GET /` is the page here.
        let original = to_backend(&["/event", "/events", "/topics/{*rest}", "/subjects/{*rest}"], &["/subjects"]);
        let sending =
            to_backend(&["/api/events"], &[]).merge(to("consumer", consumer, None, &["/api/sessions/{*rest}"], &[]));
        let consumer_any = ["/api/use-cases", "/api/use-cases/{*rest}"];
        let backend_reading = ["/api/openapi.json", "/api/docs", "/api/disk/backend", "/metrics"];
        let consumer_reading = ["/api/live", "/api/ledger", "/api/disk/consumer"];
        let services = to_backend(&[], &backend_reading)
            .merge(to("consumer", consumer, None, &consumer_any, &consumer_reading))
            // Mails are requested by the consumer, not by clients of this port.
            .merge(to("mailer", mailer, None, &[], &["/api/mails", "/api/disk/mailer"]))
            .merge(to("inbox", inbox, None, &[], &["/api/inbox"]))
            .route("/api/{*rest}", any(problem::not_found));

        let own = Router::new().route("/livez", get(|| async { "alive\n" })).route("/readyz", get(parts::readyz));
        let parts = Router::new().route("/api/parts", get(parts::list)).with_state(self.parts.clone());
        let change = guarantee::change(self.guarantees.clone());
        let faults = self.faults.map_or_else(Router::new, |faults| faults::routes(faults, change));
        let while_open = middleware::from_fn_with_state(self.parts.clone(), parts::while_open);
        let original = original.method_not_allowed_fallback(problem::method_not_allowed).layer(while_open.clone());
        let sending = sending.layer(while_open.clone());
        // Outside of all else: a refusal by the front door itself has the headers, too, and preflights need no backend.
        let (guarded, open) = match self.senders.cors() {
            Some(cors) => (Router::new(), original.merge(sending).layer(cors)),
            None if self.demo_cors => {
                (original.layer(cors::any_origin()).merge(sending.layer(cors::tracker())), Router::new())
            }
            None => (original.merge(sending), Router::new()),
        };
        let looking =
            parts.merge(guarantee::read(self.guarantees)).merge(faults).merge((self.more_routes)(address, work));
        let router = own
            .with_state(self.parts)
            .merge(services)
            .merge(self.admin.only(looking))
            .merge(self.admin.router())
            .merge(self.page.router())
            .method_not_allowed_fallback(problem::method_not_allowed)
            .layer(while_open)
            .merge(guarded);
        guard(Routes { guarded: router, open }, address)
    }
}

impl Open {
    /// The port it listens on.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends the work that requests have started, without waiting for it.
    pub fn end_work(&self) {
        self.work.stop.cancel();
    }

    /// Takes no new connections, lets the open requests end, for a while, and waits for the tasks of the work.
    pub async fn close(mut self) {
        self.end_work();
        self.close.cancel();
        if tokio::time::timeout(GRACE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.work.tasks.close();
        self.work.tasks.wait().await;
    }
}
