//! A comparison on brokers of the user's own: what it leaves out, what it cannot measure, and the topics of each run.

use std::time::Duration;

use anyhow::{Context, bail};
use domain::Route;
use domain::topics::DEAD_LETTER_SUFFIX;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::types::RDKafkaErrorCode;
use runtime::kafka::{Cluster, DebugLog, KafkaConfig, Topic, client, ensure_topics};
use verdict::results::{LeftOut, Run};
use verdict::scenario::TimedFault;
use verdict::{Criterion, Scenario};

use super::faults::{concerns, is_of_broker};
use crate::run::broker::{BrokerChoice, ready};
use crate::run::stack::KafkaClients;

/// The usual beginning of the names of topics and groups.
pub const PREFIX: &str = "ese-compare-";
/// How long the brokers may take to delete topics.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What a run needs of the brokers alone.
const UNMEASURED: [Criterion; 4] = [Criterion::Cpu, Criterion::Memory, Criterion::Disk, Criterion::Startup];

/// Brokers of the user's own.
#[derive(Clone, Debug)]
pub struct OwnBrokers {
    addresses: String,
    settings: KafkaConfig,
    prefix: String,
}

impl OwnBrokers {
    /// The brokers that flags and settings name; none if the broker is to be started here.
    pub fn new(brokers: Option<&str>, settings: &KafkaConfig, prefix: &str) -> anyhow::Result<Option<Self>> {
        let wanted = brokers.map_or(BrokerChoice::Auto, |brokers| BrokerChoice::Address(brokers.to_owned()));
        let clients = KafkaClients { settings: settings.clone(), ..KafkaClients::default() };
        Ok(match clients.choice(&wanted)? {
            BrokerChoice::Address(addresses) => {
                Some(Self { addresses, settings: settings.clone(), prefix: prefix.to_owned() })
            }
            _ => None,
        })
    }

    /// The flags that name them.
    pub(super) fn flags(&self) -> String {
        format!("--broker {} --kafka-prefix {}", self.addresses, self.prefix)
    }

    /// Asks whether topics can be made and deleted.
    pub(super) async fn check(&self) -> anyhow::Result<()> {
        let cluster = self.cluster();
        let topic = format!("{}check", self.prefix);
        let right = || format!("a comparison makes and deletes topics of its own, {}…", self.prefix);
        if let Err(why) = ready::answers_kafka(&cluster).await {
            bail!("the broker at {} does not answer: {why}", self.addresses);
        }
        ensure_topics(&cluster, &[Topic::new(&topic, 1)]).await.with_context(right)?;
        delete(&cluster, &[&topic]).await.with_context(right)
    }

    /// The broker of a run, and names that no other run has.
    pub(super) fn of_run(&self) -> (BrokerChoice, KafkaClients) {
        let prefix = format!("{}{:08x}-", self.prefix, rand::random::<u32>());
        (BrokerChoice::Address(self.addresses.clone()), KafkaClients::under(&prefix, self.settings.clone()))
    }

    /// Deletes the topics of a run.
    pub(super) async fn remove(&self, clients: &KafkaClients) -> anyhow::Result<()> {
        let used = clients.events.names().into_iter().chain([clients.mails.mail_topic.as_str()]);
        let topics: Vec<String> =
            used.flat_map(|topic| [topic.to_owned(), format!("{topic}{DEAD_LETTER_SUFFIX}")]).collect();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        delete(&self.cluster(), &topics).await
    }

    fn cluster(&self) -> Cluster {
        self.settings.cluster(Some(&self.addresses)).unwrap_or_else(|| self.addresses.as_str().into())
    }
}

async fn delete(cluster: &Cluster, topics: &[&str]) -> anyhow::Result<()> {
    let admin: AdminClient<DebugLog> =
        client(cluster).create_with_context(DebugLog).context("no Kafka admin client")?;
    let options = AdminOptions::new().operation_timeout(Some(TIMEOUT)).request_timeout(Some(TIMEOUT));
    for result in admin.delete_topics(topics, &options).await.context("the brokers delete no topics")? {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => (),
            Err((topic, code)) => bail!("the brokers did not delete the topic {topic}: {code}"),
        }
    }
    Ok(())
}

/// Splits scenarios into those that brokers of one's own can run, and the others with the reason.
pub(super) fn split(scenarios: Vec<Scenario>) -> (Vec<Scenario>, Vec<LeftOut>) {
    let (mut run, mut left_out) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        match needs(&scenario) {
            None => run.push(scenario),
            Some(why) => left_out.push(LeftOut { scenario: scenario.name, why }),
        }
    }
    (run, left_out)
}

/// Why a scenario needs brokers that are started for it.
fn needs(scenario: &Scenario) -> Option<String> {
    let at_broker =
        |fault: &&TimedFault| concerns(fault, Route::Kafka) && (is_of_broker(fault) || fault.part == "route");
    let faults: Vec<String> =
        scenario.faults.iter().filter(at_broker).map(|fault| format!("{} of {}", fault.kind, fault.part)).collect();
    if !faults.is_empty() {
        return Some(format!("it needs command of the broker or its connections ({})", faults.join(", ")));
    }
    (scenario.stack.brokers > 1).then(|| format!("it needs {} brokers that are started for it", scenario.stack.brokers))
}

/// Takes the numbers out of a run that lack the share of brokers that run elsewhere, and counts these as one part.
pub(super) fn correct(run: &mut Run) {
    if run.route == Route::Kafka {
        run.values.retain(|criterion, _| !UNMEASURED.contains(criterion));
        run.values.entry(Criterion::Parts).and_modify(|parts| *parts += 1.0);
    }
}

#[cfg(test)]
mod tests {
    use verdict::builtin_scenarios;

    use super::*;

    #[test]
    fn scenarios_with_faults_of_the_broker_are_left_out_with_the_reason() {
        let (run, left_out) = split(builtin_scenarios::all());
        let left_out: Vec<_> = left_out.iter().map(|left| (left.scenario.as_str(), left.why.as_str())).collect();
        let wanted = [
            ("broker-restart", "it needs command of the broker or its connections (kill of broker)"),
            ("leader-killed", "it needs command of the broker or its connections (kill of leader)"),
            ("slow-network", "it needs command of the broker or its connections (latency of route)"),
        ];
        assert_eq!(left_out, wanted);
        assert!(run.iter().any(|scenario| scenario.name == "consumer-down"));
    }

    #[test]
    fn the_cost_of_brokers_elsewhere_is_not_measured() {
        let measured = [(Criterion::Cpu, 1.0), (Criterion::Parts, 3.0), (Criterion::Lost, 0.0)];
        let of = |route| {
            let mut run = Run { values: measured.into(), ..Run::new(route, 1) };
            correct(&mut run);
            run.values
        };
        assert_eq!(of(Route::HttpPush), measured.into());
        assert_eq!(of(Route::Kafka), [(Criterion::Parts, 4.0), (Criterion::Lost, 0.0)].into());
    }
}
