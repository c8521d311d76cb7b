//! The whole product as a library: broker, inbox, backend, consumer and mailer behind a front door.

mod config;
mod kafka_clients;
mod reader;
mod recipes;

pub use config::{Config, DatabaseKind, Databases};
pub use kafka_clients::KafkaClients;
pub use reader::Reader;

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::future::try_join_all;
use runtime::admin::{Admin, AdminConfig};
use runtime::keys::{KeyConfig, Senders};
use runtime::peers::PeerToken;

use crate::run::broker::{self, Broker, Detour};
use crate::run::faults::Faults;
use crate::run::faults::expectations::Setting;
use crate::run::faults::link::Link;
use crate::run::front::{Front, Open, Upstreams};
use crate::run::guarantees::Guarantees;
use crate::run::part::{Part, PartError, Parts};
use crate::run::postgres::{self, Postgres};
use crate::run::supervise::{Process, Recipe, SpawnError};
use crate::run::{free_ports, lock, probe};
use crate::terminal::Progress;

/// The time from the start of a part until it must be ready.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The product, prepared or running.
pub struct Stack {
    parts: Arc<Parts>,
    brokers: Vec<&'static str>,
    /// The parts that the services need, in the order of their start.
    foundations: Vec<&'static str>,
    consumers: &'static [&'static str],
    consumer_addresses: Vec<SocketAddr>,
    /// How the second reader is started, and its address.
    reader: (Recipe, SocketAddr),
    upstreams: Upstreams,
    faults: Faults,
    front: Open,
    progress: Progress,
    /// The lock of the data directory, held as long as the stack lives.
    _lock: File,
}

impl Stack {
    /// Starts everything; all parts are ready when it returns. If one fails, the others are stopped again.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let stack = Self::prepare(config).await?;
        match stack.bring_up().await {
            Ok(()) => Ok(stack),
            Err(error) => {
                stack.stop().await;
                Err(error)
            }
        }
    }

    /// Takes the data directory and the port, chooses the broker, and opens the front door; no part runs yet.
    pub async fn prepare(config: Config) -> anyhow::Result<Self> {
        if let Err(dist) = config.page.check() {
            bail!("there is no page in {}: build it with `cargo xtask page`, or give --no-frontend", dist.display());
        }
        let consumers = config.consumers()?;
        let listener = free_ports::listen(config.port).await?;
        let (data_dir, lock) = lock::take(&config.data_dir)?;
        lock::remove_old(&data_dir.join(recipes::PEER_TOKEN))?;
        let postgres = own_postgres(&config, &data_dir).await?;
        let broker = own_broker(&config, &data_dir).await?;
        let kafka = broker.as_ref().map(|broker| broker.address.clone());
        let to_broker = broker.as_ref().map(|broker| broker.detours.clone()).unwrap_or_default();

        let [smtp, inbox, backend, mailer, consumer, second, third, fourth, reader] =
            free_ports::pick()?.map(free_ports::loopback);
        let [from_senders, to_consumer, to_backend, to_smtp] = free_ports::pick()?.map(free_ports::loopback);
        let upstreams = Upstreams { backend, consumer, mailer, inbox };
        let server = postgres.as_ref().map(|postgres| postgres.server.as_str());
        let (config_of, data, broker_at) = (&config, &*data_dir, kafka.as_deref());
        let recipes =
            recipes::Recipes { config: config_of, data_dir: data, kafka: broker_at, smtp, upstreams, postgres: server };
        let http = |recipe, address| {
            let process = Process::new(recipe, config.progress.clone())?;
            Ok::<_, SpawnError>(Part::new(process, probe::Probe::Http(address)))
        };
        let mut parts = broker.map_or(Ok(Vec::new()), |broker| {
            Part::brokers(broker, |brokers| config.kafka.cluster(brokers), &config.progress)
        })?;
        let brokers: Vec<&'static str> = parts.iter().map(Part::name).collect();
        parts.extend([
            http(recipes.inbox(), inbox)?,
            http(recipes.backend(), backend)?,
            http(recipes.mailer(), mailer)?,
        ]);
        let consumer_addresses = [consumer, second, third, fourth][..consumers.len()].to_vec();
        for (name, address) in consumers.iter().zip(&consumer_addresses) {
            parts.push(http(recipes.consumer(name, *address), *address)?);
        }
        let reader = (recipes.reader(reader), reader);
        let mut foundations = brokers.clone();
        if let Some(Postgres { recipe, server }) = postgres {
            foundations.push(recipe.name);
            parts.push(Part::new(Process::new(recipe, config.progress.clone())?, probe::Probe::Postgres(server)));
        }
        let parts = Arc::new(Parts::new(parts));
        let link =
            |name, from, proxy, to: SocketAddr| Arc::new(Link::new(name, from, to.to_string(), vec![(proxy, to)]));
        let to_backend_of_senders = link("senders-backend", None, from_senders, backend);
        let mut links = vec![
            to_backend_of_senders.clone(),
            link("backend-consumer", Some("backend"), to_consumer, consumer),
            link("consumer-backend", Some("consumer"), to_backend, backend),
            link("mailer-inbox", Some("mailer"), to_smtp, smtp),
        ];
        links.extend(to_brokers(&to_broker, &kafka.unwrap_or_default()));
        let setting = Setting {
            broker: config.brokers > 0,
            consumer_on_postgres: config.database == DatabaseKind::Postgres,
            several_consumers: consumers.len() > 1,
            store_on_postgres: config.store_database() == DatabaseKind::Postgres,
        };
        let faults = Faults::new(parts.clone(), links, data_dir.join(recipes::FAULTS), setting, config.injected_bug);
        let faults = faults.context("the faults of an earlier run could not be removed from the data directory")?;
        let admin = AdminConfig { admin_token_file: config.admin_token_file, open: false };
        let admin = Admin::load(&admin, PeerToken::default())?;
        let front = Front {
            upstreams,
            to_backend: to_backend_of_senders,
            parts: parts.clone(),
            page: config.page,
            faults: config.faults.then(|| faults.clone()),
            demo_cors: config.demo_cors,
            guarantees: Guarantees::start(data_dir.join(recipes::GUARANTEE), config.guarantee)?,
            admin: admin.clone(),
            senders: Senders::load(&KeyConfig { keys_file: config.keys_file }, admin)?,
            more_routes: config.more_routes,
        };
        let front = front.open(listener);
        Ok(Self {
            front,
            parts,
            brokers,
            foundations,
            consumers,
            consumer_addresses,
            reader,
            upstreams,
            faults,
            progress: config.progress,
            _lock: lock,
        })
    }

    /// Starts the parts: those that the services need, then the services together, because they wait for each other.
    pub async fn bring_up(&self) -> anyhow::Result<()> {
        try_join_all(self.foundations.iter().map(|name| self.bring_up_part(name))).await?;
        self.bring_up_part("inbox").await?;
        let consumers = try_join_all(self.consumers.iter().map(|name| self.bring_up_part(name)));
        tokio::try_join!(self.bring_up_part("backend"), self.bring_up_part("mailer"), consumers)?;
        Ok(())
    }

    async fn bring_up_part(&self, name: &'static str) -> anyhow::Result<()> {
        let began = Instant::now();
        let part = self.parts.get(name)?;
        part.start().await?;
        part.until_ready(TIMEOUT).await?;
        (self.progress)(&format!("{name:<8} ready after {:.1} s", began.elapsed().as_secs_f32()));
        Ok(())
    }

    /// The address of the front door, `http://localhost:PORT`.
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.front.port())
    }

    /// The addresses of the parts behind the front door.
    pub const fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }

    /// The names of the brokers: none, one, or those of the cluster.
    pub fn brokers(&self) -> &[&'static str] {
        &self.brokers
    }

    /// The names of the consumers. Only the first is behind the front door and takes http-push.
    pub const fn consumers(&self) -> &'static [&'static str] {
        self.consumers
    }

    /// The addresses of all consumers, in the order of their names: each shows the events that it has processed.
    pub fn consumer_addresses(&self) -> &[SocketAddr] {
        &self.consumer_addresses
    }

    /// Starts the second, independent reader. Stop it before the stack.
    pub async fn start_reader(&self) -> anyhow::Result<Reader> {
        let (recipe, address) = self.reader.clone();
        Reader::start(recipe, address, self.progress.clone(), TIMEOUT).await
    }

    /// The parts and their states.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The faults of the stack.
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Waits until a part is ready, `timeout` at most.
    pub async fn until_ready(&self, part: &str, timeout: Duration) -> Result<(), PartError> {
        self.parts.get(part)?.until_ready(timeout).await
    }

    /// Closes the front door and stops the parts in order, each within its grace time.
    pub async fn stop(self) {
        self.faults.close();
        self.parts.close();
        // It ends meanwhile.
        self.front.end_work();
        for name in
            ["backend"].iter().chain(self.consumers).chain(&["mailer", "inbox"]).chain(self.foundations.iter().rev())
        {
            let began = Instant::now();
            if let Ok(part) = self.parts.get(name)
                && part.stop().await
            {
                (self.progress)(&format!("{name:<8} stopped after {:.1} s", began.elapsed().as_secs_f32()));
            }
        }
        self.front.close().await;
    }
}

/// The broker, if there is one.
async fn own_broker(config: &Config, data_dir: &Path) -> anyhow::Result<Option<Broker>> {
    if config.brokers == 0 {
        (config.progress)("Broker: none; the route kafka refuses all events");
        return Ok(None);
    }
    let wanted = config.kafka.choice(&config.broker)?;
    let broker = broker::prepare(&wanted, config.brokers, data_dir, config.broker_port).await?;
    (config.progress)(&format!("Broker at {}: {}", broker.address, broker.reason));
    Ok(Some(broker))
}

/// The PostgreSQL server of the data directory, if it keeps databases there.
async fn own_postgres(config: &Config, data_dir: &Path) -> anyhow::Result<Option<Postgres>> {
    let has_server = postgres::dir(data_dir).exists();
    // Where the data are, if that is not where they are wanted.
    let elsewhere =
        |wanted: DatabaseKind, file: &str, url: &Option<String>| match (wanted, data_dir.join(file).exists()) {
            (DatabaseKind::Postgres, true) => Some(("SQLite", "sqlite")),
            (DatabaseKind::Sqlite, false) if has_server && url.is_none() => Some(("PostgreSQL", "postgres")),
            _ => None,
        };
    if let Some((place, flag)) = elsewhere(config.database, "consumer.db", &config.databases.consumer) {
        bail!(
            "this data directory has its databases in {place}, with the positions of its events: give --database {flag}, \
             or another --data-dir"
        );
    }
    if let Some((place, _)) = elsewhere(config.store_database(), "store.db", &config.databases.backend) {
        bail!("this data directory has http-poll's store in {place}, with its events: give another --data-dir");
    }
    if [config.database, config.store_database()].contains(&DatabaseKind::Postgres) {
        (config.progress)("Databases: a PostgreSQL server; its first start takes some seconds more");
        return Ok(Some(postgres::prepare(data_dir).await?));
    }
    Ok(None)
}

/// The connections to the brokers at `direct`, each with a way to each broker.
fn to_brokers(detours: &[Detour], direct: &str) -> impl Iterator<Item = Arc<Link>> {
    let mut links: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for to in detours {
        links.entry((to.link, to.client)).or_default().push((to.proxy, to.listener));
    }
    links.into_iter().map(move |((name, from), ways)| Arc::new(Link::new(name, Some(from), direct.into(), ways)))
}
