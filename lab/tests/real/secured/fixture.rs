//! Apache Kafka with TLS, logins and rights, and programs that are its clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::SessionId;
use domain::api::BATCH;
use lab::run::broker::find_installed;
use lab::run::free_ports;
use lab::run::stack::Config;
use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
use rdkafka::consumer::Consumer;
use runtime::kafka::{DebugLog, Queries, Topic, client, ensure_topics};
use runtime::testing::until;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use tokio::process::{Child, Command};
use uuid::Uuid;

/// The password of the user `shop`.
pub(super) const PASSWORD: &str = "shop-secret";

/// Apache Kafka that gives each right by itself.
pub(super) struct Secured {
    pub(super) dir: TempDir,
    java: PathBuf,
    jars: PathBuf,
    /// For `shop` and its like, with TLS and a login.
    pub(super) address: String,
    /// The same, with a certificate that has expired.
    pub(super) expired: String,
    /// Without a login, for everything.
    pub(super) inside: String,
    _process: Child,
}

impl Secured {
    /// Starts it, with the users `shop` (SCRAM and PLAIN) and the topic `shop-clicks`.
    pub(super) async fn start() -> Self {
        let installed = find_installed();
        let (java, jars) = (installed.java.unwrap().0, installed.kafka.unwrap().1);
        let dir = tempfile::tempdir().unwrap();
        certificates(dir.path());
        let ports = free_ports::pick().unwrap();
        let properties = dir.path().join("server.properties");
        fs::write(&properties, server(ports, dir.path())).unwrap();
        let run = |class: &str, args: &[&str]| java_program(&java, &jars, class, args);
        let place = properties.to_str().unwrap();
        let user = format!("SCRAM-SHA-512=[name=shop,password={PASSWORD}]");
        let format = ["format", "--cluster-id", "MkU3OEVBNTcwNTJENDM2Qg", "--config", place, "--add-scram", &user];
        let formatted = run("kafka.tools.StorageTool", &format).output().await.unwrap();
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        let log = fs::File::create(dir.path().join("broker.log")).unwrap();
        let mut broker = run("kafka.Kafka", &[place]);
        let process = broker.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let [inside, address, expired] = [0, 1, 2].map(|index: usize| format!("127.0.0.1:{}", ports[index]));
        let kafka = Self { java, jars, address, expired, inside, _process: process, dir };
        let clicks = [Topic::new("shop-clicks", 5)];
        until("the broker is up", async || ensure_topics(&kafka.inside, &clicks).await.is_ok()).await;
        kafka
    }

    /// A file with the settings of a client, as librdkafka takes them; `ca` names a certificate of this directory.
    pub(super) fn settings(&self, mechanism: &str, password: &str, ca: &str) -> String {
        let file = self.dir.path().join(format!("{mechanism}-{password}-{ca}.properties"));
        let ca = self.dir.path().join(ca);
        let login = format!("sasl.mechanism={mechanism}\nsasl.username=shop\nsasl.password={password}\n");
        let text = format!("security.protocol=SASL_SSL\n{login}ssl.ca.location={}\n", ca.display());
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// The same with a token in a file, unsigned as Kafka's own handler for tests takes it.
    pub(super) fn token_settings(&self) -> String {
        let expires = OffsetDateTime::now_utc().unix_timestamp() + 600;
        let parts = [r#"{"alg":"none"}"#.to_owned(), format!(r#"{{"sub":"shop","exp":{expires}}}"#)];
        let [head, claims] = parts.map(|part| URL_SAFE_NO_PAD.encode(part));
        let (token, file) = (self.dir.path().join("token"), self.dir.path().join("token.properties"));
        fs::write(&token, format!("{head}.{claims}.\n")).unwrap();
        let login = format!("sasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.config=file={}\n", token.display());
        let ca = self.dir.path().join("ca.pem");
        let text = format!("security.protocol=SASL_SSL\n{login}ssl.ca.location={}\n", ca.display());
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Gives `shop` rights, with Kafka's own tool.
    pub(super) async fn allow(&self, rights: &[&str]) {
        let args = ["--bootstrap-server", &self.inside, "--add", "--allow-principal", "User:shop"];
        let class = "org.apache.kafka.tools.AclCommand";
        let tool = java_program(&self.java, &self.jars, class, &[&args[..], rights].concat()).output().await;
        let tool = tool.unwrap();
        assert!(tool.status.success(), "{}", String::from_utf8_lossy(&tool.stderr));
    }

    /// The names of all topics.
    pub(super) async fn topics(&self) -> Vec<String> {
        let inside = self.inside.clone();
        let asking = tokio::task::spawn_blocking(move || {
            let asks: Queries = client(&inside).create_with_context(DebugLog).unwrap();
            let metadata = asks.fetch_metadata(None, std::time::Duration::from_secs(10)).unwrap();
            metadata.topics().iter().map(|topic| topic.name().to_owned()).collect()
        });
        asking.await.unwrap()
    }

    /// Starts one of the services with these settings and other flags.
    pub(super) async fn service(&self, name: &str, brokers: &str, settings: &str, flags: &[&str]) -> Running {
        let [port] = free_ports::pick().unwrap();
        let (listen, home) = (format!("127.0.0.1:{port}"), self.dir.path().join(Uuid::now_v7().to_string()));
        fs::create_dir(&home).unwrap();
        let log = home.join("log");
        let mut program = Command::new(Config::new(&home).programs.join(name));
        program
            .args(["--listen", &listen, "--kafka-brokers", brokers, "--kafka-config-file", settings])
            .args(["--click-topic", "shop-clicks", "--order-topic", "shop-orders"])
            .args(flags)
            .current_dir(&home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .kill_on_drop(true);
        let running = Running { url: format!("http://{listen}"), log, _process: program.spawn().unwrap() };
        let ready = async || {
            let answer = reqwest::get(format!("{}/readyz", running.url)).await;
            answer.is_ok_and(|answer| answer.status() == 200)
        };
        until(&format!("{name} is ready"), ready).await;
        running
    }
}

/// A service.
pub(super) struct Running {
    pub(super) url: String,
    log: PathBuf,
    _process: Child,
}

impl Running {
    /// How many lines of the log have this text.
    pub(super) fn lines(&self, text: &str) -> usize {
        self.log().lines().filter(|line| line.contains(text)).count()
    }

    /// The log.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Sends a click over Kafka; the status and the body of the answer.
    pub(super) async fn click(&self, session: SessionId, sequence: u64) -> (u16, String) {
        let event = serde_json::json!([{
            "id": Uuid::now_v7(), "source": format!("/sessions/{session}"), "sequence": sequence.to_string(),
            "type": "ese.click-stream.button-click", "time": "2026-01-31T12:00:00Z", "data": {}
        }]);
        let request = reqwest::Client::new().post(format!("{}/api/events?route=kafka", self.url));
        let answer = request.header("content-type", BATCH).body(event.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// Writes `ca.pem`, `other-ca.pem`, and two keys with certificates of the first: `valid.pem` and `expired.pem`.
fn certificates(dir: &Path) {
    let now = OffsetDateTime::now_utc();
    let ca = |file: &str, name: &str| {
        let (mut params, key) = (CertificateParams::default(), KeyPair::generate().unwrap());
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        fs::write(dir.join(file), params.self_signed(&key).unwrap().pem()).unwrap();
        Issuer::new(params, key)
    };
    let issuer = ca("ca.pem", "Test CA");
    ca("other-ca.pem", "Other CA");
    for (file, until) in [("valid.pem", now + Duration::DAY), ("expired.pem", now - Duration::HOUR)] {
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (now - Duration::DAY, until);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(dir.join(file), key.serialize_pem() + &certificate.pem()).unwrap();
    }
}

/// A program of Apache Kafka; it ends with the test.
fn java_program(java: &Path, jars: &Path, class: &str, args: &[&str]) -> Command {
    let mut program = Command::new(java);
    program.args(["-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]).arg(jars.join("*"));
    program.arg(class).args(args).stdin(Stdio::null()).kill_on_drop(true);
    program
}

fn server([inside, clients, expired, controller]: [u16; 4], dir: &Path) -> String {
    let dir = dir.display();
    let listeners = format!("INSIDE://127.0.0.1:{inside},CLIENTS://127.0.0.1:{clients},EXPIRED://127.0.0.1:{expired}");
    format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners={listeners},CONTROLLER://127.0.0.1:{controller}
advertised.listeners={listeners}
listener.security.protocol.map=INSIDE:PLAINTEXT,CLIENTS:SASL_SSL,EXPIRED:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
ssl.keystore.type=PEM
ssl.keystore.location={dir}/valid.pem
listener.name.expired.ssl.keystore.type=PEM
listener.name.expired.ssl.keystore.location={dir}/expired.pem
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN,OAUTHBEARER
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_shop=\"{PASSWORD}\";
listener.name.clients.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";
listener.name.expired.sasl.enabled.mechanisms=PLAIN
listener.name.expired.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs={dir}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"
    )
}
