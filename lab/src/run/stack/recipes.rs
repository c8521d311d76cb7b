//! How each part is started.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, absolute};
use std::time::Duration;

use super::config::{CONSUMERS, Config, DatabaseKind};
use crate::run::faults::injected;
use crate::run::front::Upstreams;
use crate::run::supervise::Recipe;

/// A service stops within 10 s by itself; after this time it hangs.
const GRACE: Duration = Duration::from_secs(15);

/// The secret that the services of one start share, in the data directory.
pub(super) const PEER_TOKEN: &str = "peer-token";

/// The name of the second reader's process, its Kafka group and its files.
const SECOND_READER: &str = "second-reader";

/// The faults inside the parts, a file each, in the data directory.
pub(super) const FAULTS: &str = "faults";

/// The guarantees of the routes, in the data directory.
pub(super) const GUARANTEE: &str = "guarantee.json";

/// The addresses and paths that the recipes need.
pub(super) struct Recipes<'a> {
    pub(super) config: &'a Config,
    pub(super) data_dir: &'a Path,
    /// `HOST:PORT` of the broker, if there is one.
    pub(super) kafka: Option<&'a str>,
    pub(super) smtp: SocketAddr,
    pub(super) upstreams: Upstreams,
    /// The PostgreSQL server that is started here, without a database.
    pub(super) postgres: Option<&'a str>,
}

impl Recipes<'_> {
    pub(super) fn inbox(&self) -> Recipe {
        let listen = self.upstreams.inbox.to_string();
        let smtp = self.smtp.to_string();
        let mut args: Vec<OsString> = strings(&["inbox", "--smtp", &smtp, "--listen", &listen, "--data-dir"]);
        args.push(self.data_dir.join("inbox").into());
        args.extend(flag("--admin-token-file", self.config.admin_token_file.as_deref()));
        self.recipe("inbox", "ese", args)
    }

    pub(super) fn backend(&self) -> Recipe {
        let store = self.database("store", self.config.databases.backend.as_deref(), self.config.store_database());
        let consumer = format!("http://{}", self.upstreams.consumer);
        let listen = self.upstreams.backend.to_string();
        let guarantee = self.guarantee();
        let ttl = self.config.store_ttl.map(|ttl| ttl.as_secs_f64().to_string());
        let bytes = self.config.store_bytes.map(|bytes| bytes.to_string());
        let event_topics = self.config.kafka.event_topics();
        let mut args = vec!["--listen", &listen, "--consumer-url", &consumer];
        args.extend(["--guarantee-file", &guarantee, "--trust-forwarded"]);
        args.extend(event_topics.iter().map(String::as_str));
        args.extend(self.config.demo_cors.then_some("--demo-cors"));
        args.extend(ttl.iter().flat_map(|ttl| ["--store-ttl", ttl]));
        args.extend(bytes.iter().flat_map(|bytes| ["--store-bytes", bytes]));
        let mut recipe = self.service("backend", "backend", &args, ("ESE_STORE_URL", store));
        recipe.args.extend(flag("--keys-file", self.config.keys_file.as_deref()));
        recipe
    }

    /// One of the consumers. The first has a name in the group, so it gets its partitions back at once after a restart.
    /// The others have none, so the group assigns its partitions anew when they leave and return.
    pub(super) fn consumer(&self, name: &'static str, listen: SocketAddr) -> Recipe {
        let database = self.database("consumer", self.config.databases.consumer.as_deref(), self.config.database);
        let backend = format!("http://{}", self.upstreams.backend);
        let mailer = format!("http://{}", self.upstreams.mailer);
        let listen = listen.to_string();
        let guarantee = self.guarantee();
        let event_topics = self.config.kafka.event_topics();
        let mut args = vec!["--listen", &listen, "--backend-url", &backend, "--mailer-url", &mailer];
        let group = self.config.kafka.group("consumer");
        args.extend(["--guarantee-file", &guarantee, "--kafka-group", &group]);
        args.extend(event_topics.iter().map(String::as_str));
        args.extend(self.config.kafka.mail_topic());
        if name == CONSUMERS[0] {
            args.extend(["--kafka-instance", name]);
        }
        let mut recipe = self.service(name, "consumer", &args, ("ESE_DATABASE_URL", database));
        recipe.args.extend(flag("--keys-file", self.config.keys_file.as_deref()));
        recipe
    }

    /// The second reader. Its secret is its own, so that it is a stranger to the others.
    pub(super) fn reader(&self, listen: SocketAddr) -> Recipe {
        let backend = format!("http://{}", self.upstreams.backend);
        let mailer = format!("http://{}", self.upstreams.mailer);
        let (name, listen) = (SECOND_READER, listen.to_string());
        let group = self.config.kafka.group(name);
        let event_topics = self.config.kafka.event_topics();
        let mut args = vec!["--listen", &listen, "--backend-url", &backend, "--mailer-url", &mailer, "--second-reader"];
        args.extend(event_topics.iter().map(String::as_str));
        args.extend(self.config.kafka.mail_topic());
        let mut args = strings(&[&args[..], &self.kafka(), &["--kafka-group", &group, "--peer-token-file"]].concat());
        args.push(self.data_dir.join(format!("{name}-token")).into());
        let database = self.database(name, None, DatabaseKind::Sqlite);
        Recipe { env: self.env(("ESE_DATABASE_URL", database)), ..self.recipe(name, "consumer", args) }
    }

    pub(super) fn mailer(&self) -> Recipe {
        let database = self.database("mailer", self.config.databases.mailer.as_deref(), self.config.database);
        let smtp = format!("smtp://{}", self.smtp);
        let listen = self.upstreams.mailer.to_string();
        let group = self.config.kafka.group("mailer");
        let args = ["--listen", &listen, "--smtp-url", &smtp, "--kafka-instance", "mailer", "--kafka-group", &group];
        let args = [&args[..], &self.config.kafka.mail_topic()].concat();
        self.service("mailer", "mailer", &args, ("ESE_DATABASE_URL", database))
    }

    fn service(&self, name: &'static str, program: &str, args: &[&str], database: (&'static str, String)) -> Recipe {
        let mut args = strings(&[args, &self.kafka(), &["--peer-token-file"]].concat());
        args.push(self.data_dir.join(PEER_TOKEN).into());
        args.extend(flag("--admin-token-file", self.config.admin_token_file.as_deref()));
        Recipe { env: self.env(database), ..self.recipe(name, program, args) }
    }

    /// The variables of a service: what may hold a password.
    fn env(&self, database: (&'static str, String)) -> Vec<(&'static str, String)> {
        let settings = &self.config.kafka.settings;
        let has_settings = self.kafka.is_some() && !settings.is_empty();
        [database].into_iter().chain(has_settings.then(|| settings.variable())).collect()
    }

    fn kafka(&self) -> Vec<&str> {
        self.kafka.iter().flat_map(|brokers| ["--kafka-brokers", brokers]).collect()
    }

    fn guarantee(&self) -> String {
        self.data_dir.join(GUARANTEE).display().to_string()
    }

    fn recipe(&self, name: &'static str, program: &str, mut args: Vec<OsString>) -> Recipe {
        args.extend(["--fault-file".into(), injected::file(&self.data_dir.join(FAULTS), name).into()]);
        Recipe {
            name,
            program: self.config.programs.join(program),
            args,
            env: Vec::new(),
            dir: self.data_dir.to_owned(),
            log: self.data_dir.join(format!("logs/{name}.log")),
            grace: GRACE,
        }
    }

    /// The URL of a service's database, which may hold a password.
    fn database(&self, name: &str, given: Option<&str>, kind: DatabaseKind) -> String {
        match (given, kind, self.postgres) {
            (Some(given), ..) => given.to_owned(),
            (None, DatabaseKind::Postgres, Some(server)) => format!("{server}/{name}"),
            (None, ..) => format!("sqlite://{}", self.data_dir.join(format!("{name}.db")).display()),
        }
    }
}

/// A flag with a path, if there is one. The programs have a working directory of their own.
fn flag(name: &str, path: Option<&Path>) -> Vec<OsString> {
    let path = path.map(|path| absolute(path).unwrap_or_else(|_| path.to_owned()));
    path.map_or_else(Vec::new, |path| vec![name.into(), path.into()])
}

fn strings(args: &[&str]) -> Vec<OsString> {
    args.iter().map(Into::into).collect()
}
