//! A broker that wants a login and gives each right by itself: a wrong password, missing rights, and the rights that suffice.
//!
//! Without TLS: the password goes over this machine in plain text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::Parser;
use domain::api::{BATCH, LedgerView};
use domain::{Route, SessionId};
use lab::run::broker::find_installed;
use lab::run::free_ports;
use lab::run::stack::Config;
use runtime::kafka::{Cluster, KafkaConfig, Topic, ensure_topics};
use runtime::testing::until;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use uuid::Uuid;

/// Java's class behind the login PLAIN.
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";

/// Apache Kafka with the users `admin`, who may do everything, and `shop`.
struct Secured {
    dir: TempDir,
    java: PathBuf,
    jars: PathBuf,
    address: String,
    _process: Child,
}

/// The settings of a program, to make a cluster of them.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    kafka: KafkaConfig,
}

impl Secured {
    async fn start() -> Self {
        let installed = find_installed();
        let (java, jars) = (installed.java.unwrap().0, installed.kafka.unwrap().1);
        let dir = tempfile::tempdir().unwrap();
        let [port, controller] = free_ports::pick().unwrap();
        let (properties, data) = (dir.path().join("server.properties"), dir.path().join("data"));
        fs::write(&properties, server(port, controller, &data)).unwrap();
        let run = |class: &str, args: &[&str]| java_program(&java, &jars, class, args);
        let place = properties.to_str().unwrap();
        let format = ["format", "--cluster-id", "MkU3OEVBNTcwNTJENDM2Qg", "--config", place];
        let formatted = run("kafka.tools.StorageTool", &format).output().await.unwrap();
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        let log = fs::File::create(dir.path().join("broker.log")).unwrap();
        let mut broker = run("kafka.Kafka", &[place]);
        let process = broker.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Self { java, jars, address: format!("127.0.0.1:{port}"), _process: process, dir }
    }

    /// A file with the settings of a client, as librdkafka takes them.
    fn client(&self, user: &str, password: &str) -> String {
        let file = self.dir.path().join(format!("{user}-{password}.properties"));
        let login = format!("sasl.username={user}\nsasl.password={password}\n");
        fs::write(&file, format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n{login}")).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn admin(&self) -> Cluster {
        let file = self.client("admin", "admin-secret");
        Settings::parse_from(["test", "--kafka-config-file", &file]).kafka.cluster(Some(&self.address)).unwrap()
    }

    /// Gives `shop` rights, with Kafka's own tool.
    async fn allow(&self, rights: &[&str]) {
        let file = self.dir.path().join("admin.java.properties");
        let login = format!("sasl.jaas.config={PLAIN} required username=\"admin\" password=\"admin-secret\";\n");
        fs::write(&file, format!("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n{login}")).unwrap();
        let place = ["--bootstrap-server", &self.address, "--command-config", file.to_str().unwrap()];
        let args = [&place[..], &["--add", "--allow-principal", "User:shop"], rights].concat();
        let tool = java_program(&self.java, &self.jars, "org.apache.kafka.tools.AclCommand", &args).output().await;
        let tool = tool.unwrap();
        assert!(tool.status.success(), "{}", String::from_utf8_lossy(&tool.stderr));
    }

    /// Starts one of the services with these settings and other flags.
    async fn service(&self, name: &str, settings: &str, flags: &[&str]) -> Running {
        let [port] = free_ports::pick().unwrap();
        let (listen, home) = (format!("127.0.0.1:{port}"), self.dir.path().join(Uuid::now_v7().to_string()));
        fs::create_dir(&home).unwrap();
        let log = home.join("log");
        let mut program = Command::new(Config::new(&home).programs.join(name));
        program
            .args(["--listen", &listen, "--kafka-brokers", &self.address, "--kafka-config-file", settings])
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
struct Running {
    url: String,
    log: PathBuf,
    _process: Child,
}

impl Running {
    /// How many lines of the log have this text.
    fn lines(&self, text: &str) -> usize {
        fs::read_to_string(&self.log).unwrap().lines().filter(|line| line.contains(text)).count()
    }

    /// Sends a click over Kafka; the status and the body of the answer.
    async fn click(&self, session: SessionId, sequence: u64) -> (u16, String) {
        let event = serde_json::json!([{
            "id": Uuid::now_v7(), "source": format!("/sessions/{session}"), "sequence": sequence.to_string(),
            "type": "ese.click-stream.button-click", "time": "2026-01-31T12:00:00Z", "data": {}
        }]);
        let request = reqwest::Client::new().post(format!("{}/api/events?route=kafka", self.url));
        let answer = request.header("content-type", BATCH).body(event.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// A program of Apache Kafka; it ends with the test.
fn java_program(java: &Path, jars: &Path, class: &str, args: &[&str]) -> Command {
    let mut program = Command::new(java);
    program.args(["-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]).arg(jars.join("*"));
    program.arg(class).args(args).stdin(Stdio::null()).kill_on_drop(true);
    program
}

fn server(port: u16, controller: u16, data: &Path) -> String {
    let data = data.display();
    format!(
        "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{port}
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.clients.plain.sasl.jaas.config={PLAIN} required username=\"admin\" password=\"admin-secret\" \
user_admin=\"admin-secret\" user_shop=\"shop-secret\";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:ANONYMOUS
log.dirs={data}
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

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_one_line_and_the_listed_rights_suffice() {
    if crate::lacks_apache() {
        return;
    }
    let _turn = crate::TURN.write().await;
    let kafka = Secured::start().await;
    let admin = kafka.admin();
    let clicks = [Topic::new("shop-clicks", 5)];
    until("the broker is up", async || ensure_topics(&admin, &clicks).await.is_ok()).await;
    let session = SessionId(Uuid::now_v7());

    // A wrong password.
    let wrong = kafka.client("shop", "wrong-secret");
    let backend = kafka.service("backend", &wrong, &[]).await;
    for sequence in 1..=2 {
        let (status, body) = backend.click(session, sequence).await;
        assert!(status == 503 && body.contains("Kafka refuses this backend"), "{status} {body}");
    }
    assert_eq!(backend.lines("Kafka refuses this program"), 1);
    assert_eq!(backend.lines("wrong-secret"), 0);
    drop(backend);
    let mut ese = Command::new(env!("CARGO_BIN_EXE_ese"));
    ese.args(["dlq", "list", "--broker", &kafka.address, "--kafka-config-file", &wrong]).kill_on_drop(true);
    let output = ese.output().await.unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && errors.contains("Kafka refuses this program"), "{errors}");
    assert!(!errors.contains("wrong-secret"), "{errors}");

    // The right password, and no right at all for a consumer.
    let right = kafka.client("shop", "shop-secret");
    let consumer = kafka.service("consumer", &right, &["--mail-via", "http", "--kafka-group", "shop"]).await;
    let hidden = "Kafka's user may not see the topics shop-clicks, ";
    until("the missing rights are named", async || consumer.lines(hidden) == 1).await;

    // The rights of docs/production.md, without the right to create topics.
    kafka.allow(&["--operation", "Write", "--topic", "shop-", "--resource-pattern-type", "prefixed"]).await;
    kafka.allow(&["--operation", "Read", "--topic", "shop-", "--resource-pattern-type", "prefixed"]).await;
    kafka.allow(&["--operation", "Read", "--group", "shop"]).await;
    let backend = kafka.service("backend", &right, &[]).await;
    let missing = "the topic shop-orders is missing, and Kafka's user may not create topics";
    until("the missing topic is named", async || backend.lines(missing) == 1).await;
    let accepted = async || backend.click(session, 1).await.0 == 200;
    until("a click goes into the topic that is there", accepted).await;
    until("the consumer names what it lacks", async || consumer.lines("may not create topics") == 1).await;

    // Somebody creates the others.
    let others = ["shop-orders", "shop-clicks.dlq", "shop-orders.dlq"].map(|name| Topic::new(name, 2));
    ensure_topics(&admin, &others).await.unwrap();
    for service in [&backend, &consumer] {
        until("it goes on", async || service.lines("the topics are there") == 1).await;
    }
    let processed = async || {
        let ledger = reqwest::get(format!("{}/api/ledger", consumer.url)).await.unwrap();
        ledger.json::<LedgerView>().await.unwrap().routes.get(Route::Kafka).is_some_and(|route| route.processed == 1)
    };
    until("the click is processed", processed).await;
    assert_eq!((backend.lines(missing), consumer.lines(hidden)), (1, 1), "nothing is repeated");
    assert_eq!(backend.lines("shop-secret") + consumer.lines("shop-secret"), 0);
}
