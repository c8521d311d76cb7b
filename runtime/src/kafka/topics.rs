//! Topics: their names, and the creation of the missing ones where the user has the right to do so.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use domain::EventType;
use domain::event::TypePattern;
use domain::topics::{CUSTOM_TOPIC, DEAD_LETTER_SUFFIX, MAIL_TOPIC, Topic as EventTopic};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::Consumer as _;
use rdkafka::types::RDKafkaErrorCode;

use super::client_settings::client;
use super::cluster::Cluster;
use super::{DebugLog, Queries};
use crate::backoff::Backoff;
use crate::repeats::Repeats;

/// The longest name of a topic in Kafka.
const LONGEST_NAME: usize = 249;
/// How long the brokers may take to answer a question about a topic.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long they may take to create topics.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);

/// The names of the topics of events, and the events of the user's own.
#[derive(Clone, Debug, clap::Args)]
pub struct EventTopics {
    /// Kafka topic of the visitors' actions; it is made if it is missing
    #[arg(long, env = "ESE_CLICK_TOPIC", default_value = EventTopic::Clicks.name(), value_name = "NAME", value_parser = topic_name)]
    pub click_topic: String,
    /// Kafka topic of the orders' states; it is made if it is missing
    #[arg(long, env = "ESE_ORDER_TOPIC", default_value = EventTopic::Orders.name(), value_name = "NAME", value_parser = topic_name)]
    pub order_topic: String,
    /// Kafka topic of the events of your own types; it is used, and made if it is missing, only with --event-types
    #[arg(long, env = "ESE_CUSTOM_TOPIC", default_value = CUSTOM_TOPIC, value_name = "NAME", value_parser = topic_name)]
    pub custom_topic: String,
    /// Event types of your own, such as com.example.order-paid or com.example.* for all below it: the backend takes them in, and every program with this flag uses their topic
    #[arg(long, env = "ESE_EVENT_TYPES", value_name = "TYPE,…", value_delimiter = ',')]
    pub event_types: Vec<TypePattern>,
}

impl Default for EventTopics {
    fn default() -> Self {
        let [click_topic, order_topic] = [EventTopic::Clicks, EventTopic::Orders].map(|topic| topic.name().to_owned());
        Self { click_topic, order_topic, custom_topic: CUSTOM_TOPIC.to_owned(), event_types: Vec::new() }
    }
}

impl EventTopics {
    /// The name of a topic.
    pub fn name(&self, topic: EventTopic) -> &str {
        match topic {
            EventTopic::Clicks => &self.click_topic,
            EventTopic::Orders => &self.order_topic,
        }
    }

    /// The name of the topic of an event's type.
    pub fn of(&self, kind: &EventType) -> &str {
        match kind {
            EventType::Known(kind) => self.name(kind.topic()),
            EventType::Custom(_) => &self.custom_topic,
        }
    }

    /// The names of all that are used; a topic that holds several sorts of events stands once.
    pub fn names(&self) -> Vec<&str> {
        let custom = (!self.event_types.is_empty()).then_some(self.custom_topic.as_str());
        let mut names = Vec::new();
        for name in EventTopic::ALL.map(|topic| self.name(topic)).into_iter().chain(custom) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// The name of the topic of mail requests.
#[derive(Clone, Debug, clap::Args)]
pub struct MailTopic {
    /// Kafka topic of mail requests; it is made if it is missing
    #[arg(long, env = "ESE_MAIL_TOPIC", default_value = MAIL_TOPIC, value_name = "NAME", value_parser = topic_name)]
    pub mail_topic: String,
}

impl Default for MailTopic {
    fn default() -> Self {
        Self { mail_topic: MAIL_TOPIC.to_owned() }
    }
}

/// The name of a topic that can have a dead-letter topic, as a clap value parser.
fn topic_name(text: &str) -> Result<String, String> {
    let longest = LONGEST_NAME - DEAD_LETTER_SUFFIX.len();
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=longest).contains(&text.len()) && text.bytes().all(is_legal) && ![".", ".."].contains(&text) {
        return Ok(text.to_owned());
    }
    Err(format!("give 1 to {longest} letters, digits, dots, underscores and hyphens"))
}

/// A topic that a program needs.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions it gets if it is missing; one that exists is taken as it is.
    pub partitions: i32,
}

impl Topic {
    /// A topic of `partitions` partitions.
    pub fn new(name: impl Into<String>, partitions: i32) -> Self {
        Self { name: name.into(), partitions }
    }

    /// The dead-letter topic of `topic`.
    pub fn dead_letters(topic: &str) -> Self {
        Self::new(format!("{topic}{DEAD_LETTER_SUFFIX}"), 1)
    }
}

/// Creates the missing topics, with the brokers' default replication.
pub async fn ensure_topics(cluster: impl Into<Cluster>, topics: &[Topic]) -> anyhow::Result<()> {
    let cluster: Cluster = cluster.into();
    ensure_all(&cluster, topics, &mut true).await
}

/// Creates the missing topics; tries again until all are there. Each reason why one is not is logged once: it may last until
/// somebody acts.
pub async fn make_topics(cluster: impl Into<Cluster>, topics: &[Topic]) {
    let cluster: Cluster = cluster.into();
    let (mut backoff, mut may_create, mut repeats, mut failed) = (Backoff::default(), true, Repeats::new(), false);
    while let Err(error) = ensure_all(&cluster, topics, &mut may_create).await {
        let reason = format!("{error:#}");
        if repeats.is_new(&reason) {
            tracing::warn!("{reason}; trying again until the topics are there");
        }
        failed = true;
        tokio::time::sleep(backoff.next_wait()).await;
    }
    if failed {
        tracing::info!("the topics are there");
    }
}

/// Fails if a topic is missing and cannot be created. After the brokers have refused to create one, they are not asked again:
/// they log each refusal.
async fn ensure_all(cluster: &Cluster, topics: &[Topic], may_create: &mut bool) -> anyhow::Result<()> {
    let mut settings = client(cluster);
    // A question about a topic must not create it, with other partitions.
    settings.set("allow.auto.create.topics", "false");
    let queries: Queries = settings.create_with_context(DebugLog).context("no Kafka client")?;
    let named = topics.to_vec();
    // It blocks until the brokers have answered.
    let missing = tokio::task::spawn_blocking(move || missing(&queries, named)).await??;
    if missing.is_empty() {
        return Ok(());
    }
    ensure!(*may_create, no_right(&missing));
    // rdkafka's admin client gives no token.
    ensure!(
        !cluster.has_tokens(),
        "{}: create what is missing, because this program cannot with OAUTHBEARER",
        are_missing(&missing)
    );
    let admin: AdminClient<DebugLog> = settings.create_with_context(DebugLog).context("no Kafka admin client")?;
    let wanted: Vec<NewTopic<'_>> =
        missing.iter().map(|topic| NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(-1))).collect();
    let options = AdminOptions::new().operation_timeout(Some(CREATE_TIMEOUT)).request_timeout(Some(CREATE_TIMEOUT));
    let results = admin.create_topics(&wanted, &options).await.context("the broker cannot create topics")?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => (),
            Err((_, code)) if is_no_right(code) => {
                *may_create = false;
                bail!(no_right(&missing));
            }
            Err((topic, code)) => bail!("the broker did not create the topic {topic}: {code}"),
        }
    }
    Ok(())
}

/// The topics that do not exist. Fails if the brokers do not answer, or hide a topic.
fn missing(queries: &Queries, topics: Vec<Topic>) -> anyhow::Result<Vec<Topic>> {
    let (mut missing, mut hidden) = (Vec::new(), Vec::new());
    // A token is given, and an error noted, while the client is polled.
    drop(queries.poll(Duration::ZERO));
    for topic in topics {
        let metadata = queries.fetch_metadata(Some(topic.name.as_str()), LOOK_TIMEOUT);
        let metadata = metadata.context("the brokers do not answer which topics there are")?;
        let error = metadata.topics().iter().find_map(|found| found.error()).map(RDKafkaErrorCode::from);
        match error {
            // One without leaders is being created.
            None | Some(RDKafkaErrorCode::LeaderNotAvailable) => (),
            Some(RDKafkaErrorCode::UnknownTopicOrPartition) => missing.push(topic),
            Some(RDKafkaErrorCode::TopicAuthorizationFailed) => hidden.push(topic),
            Some(code) => bail!("the brokers do not describe the topic {}: {code}", topic.name),
        }
    }
    ensure!(
        hidden.is_empty(),
        "Kafka's user may not see {}: it needs the right to write or read; docs/production.md has the list of rights",
        listed(&hidden)
    );
    Ok(missing)
}

const fn is_no_right(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{ClusterAuthorizationFailed, TopicAuthorizationFailed};
    matches!(code, ClusterAuthorizationFailed | TopicAuthorizationFailed)
}

fn no_right(missing: &[Topic]) -> String {
    format!(
        "{}, and Kafka's user may not create topics: create what is missing, or give the user the right and start this \
         program again",
        are_missing(missing)
    )
}

fn are_missing(topics: &[Topic]) -> String {
    format!("{} {} missing", listed(topics), if topics.len() == 1 { "is" } else { "are" })
}

/// The names in a sentence.
fn listed(topics: &[Topic]) -> String {
    let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
    format!("the topic{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use domain::Kind;
    use rdkafka::mocking::MockCluster;
    use rdkafka::types::RDKafkaRespErr;

    use super::*;

    #[derive(Parser)]
    struct Names {
        #[command(flatten)]
        events: EventTopics,
        #[command(flatten)]
        mails: MailTopic,
    }

    #[test]
    fn each_topic_has_a_name_of_the_users_choice() {
        let names = Names::parse_from(["program", "--click-topic", "shop.clicks", "--mail-topic", "shop.mails"]);
        assert_eq!(names.events.name(EventTopic::Clicks), "shop.clicks");
        assert_eq!(names.events.names(), ["shop.clicks", "order-events"]);
        assert_eq!(names.mails.mail_topic, "shop.mails");
        let one = Names::parse_from(["program", "--click-topic", "shop", "--order-topic", "shop"]);
        assert_eq!(one.events.names(), ["shop"]);
    }

    #[test]
    fn the_topic_of_own_events_is_used_only_with_types_of_ones_own() {
        let names = |args: &[&str]| Names::parse_from([&["program"], args].concat()).events;
        assert_eq!(names(&["--custom-topic", "own"]).names(), ["click-events", "order-events"]);
        let types = ["--event-types", "com.a.*,com.b.paid", "--event-types", "com.c.*"];
        let own = names(&types);
        assert_eq!(own.event_types.len(), 3);
        assert_eq!(own.names(), ["click-events", "order-events", "custom-events"]);
        assert_eq!(own.of(&"com.a.paid".parse().unwrap()), "custom-events");
        assert_eq!(own.of(&Kind::OrderCreated.into()), "order-events");
        let shared = names(&[&types[..], &["--custom-topic", "click-events"]].concat());
        assert_eq!(shared.names(), ["click-events", "order-events"], "a topic may hold several sorts");
        let error = Names::try_parse_from(["program", "--event-types", "com.*.paid"]).err().unwrap().to_string();
        assert!(error.contains("`com.*.paid` admits no type: give a name such as com.example.order-paid"), "{error}");
    }

    #[test]
    fn a_name_that_kafka_does_not_take_is_refused() {
        topic_name(&"x".repeat(245)).unwrap();
        for name in ["", ".", "..", "a b", "größe", "a/b", &"x".repeat(246)] {
            topic_name(name).unwrap_err();
        }
    }

    #[tokio::test]
    async fn a_topic_that_exists_is_taken_as_it_is() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("there", 7, 1).unwrap();
        ensure_topics(&cluster.bootstrap_servers(), &[Topic::new("there", 3)]).await.unwrap();
    }

    #[tokio::test]
    async fn a_hidden_topic_is_named_with_what_is_needed() {
        let cluster = MockCluster::new(1).unwrap();
        for topic in ["there", "hidden"] {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        cluster.topic_error("hidden", RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED).unwrap();
        let topics = [Topic::new("there", 1), Topic::new("hidden", 1)];
        let error = ensure_topics(&cluster.bootstrap_servers(), &topics).await.unwrap_err().to_string();
        assert!(error.contains("may not see the topic hidden: it needs the right"), "{error}");
    }

    #[tokio::test]
    async fn without_the_right_to_create_the_missing_topics_are_named_and_nobody_is_asked_again() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("there", 1, 1).unwrap();
        let brokers = cluster.bootstrap_servers();
        let topics = ["there", "first", "second"].map(|name| Topic::new(name, 1));
        let error = ensure_all(&Cluster::from(&brokers), &topics, &mut false).await.unwrap_err().to_string();
        assert!(error.starts_with("the topics first, second are missing, and Kafka's user may not create"), "{error}");
    }
}
