//! Kafka as the services of a stack use it: the settings, and the names of topics and groups.

use anyhow::bail;
use runtime::kafka::{Cluster, EventTopics, KafkaConfig, MailTopic};

use crate::run::broker::BrokerChoice;

/// Settings and names of the services as clients of Kafka. The settings are for brokers of the user's own.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KafkaClients {
    /// Kafka's settings.
    #[command(flatten)]
    pub settings: KafkaConfig,
    /// The names of the topics of events.
    #[command(flatten)]
    pub events: EventTopics,
    /// The name of the topic of mail requests.
    #[command(flatten)]
    pub mails: MailTopic,
    /// Beginning of the names of the Kafka groups, such as ese-
    #[arg(long = "kafka-group-prefix", env = "ESE_KAFKA_GROUP_PREFIX", default_value = "", value_name = "PREFIX")]
    pub group_prefix: String,
}

impl KafkaClients {
    /// Clients whose topics and groups all have names with this beginning.
    pub fn under(prefix: &str, settings: KafkaConfig) -> Self {
        let Self { events, mails, .. } = Self::default();
        let name = |usual: String| format!("{prefix}{usual}");
        Self {
            settings,
            events: EventTopics {
                click_topic: name(events.click_topic),
                order_topic: name(events.order_topic),
                custom_topic: name(events.custom_topic),
                event_types: events.event_types,
            },
            mails: MailTopic { mail_topic: name(mails.mail_topic) },
            group_prefix: prefix.to_owned(),
        }
    }

    /// The broker to use: the settings may name it.
    pub fn choice(&self, wanted: &BrokerChoice) -> anyhow::Result<BrokerChoice> {
        Ok(match (wanted, self.settings.brokers()) {
            (BrokerChoice::Address(_), _) => wanted.clone(),
            (BrokerChoice::Auto, Some(brokers)) => BrokerChoice::Address(brokers.to_owned()),
            _ if self.settings.is_empty() => wanted.clone(),
            _ => bail!(
                "Kafka's settings are for brokers of your own, and the one that is started here takes none: give \
                 --broker HOST:PORT,… as well, or unset ESE_KAFKA_CONFIG and ESE_KAFKA_CONFIG_FILE"
            ),
        })
    }

    /// The cluster at these brokers.
    pub(super) fn cluster(&self, brokers: &str) -> Cluster {
        self.settings.cluster(Some(brokers)).unwrap_or_else(|| brokers.into())
    }

    /// The arguments of a service that name the topics of events, and the user's own types.
    pub(super) fn event_topics(&self) -> Vec<String> {
        let EventTopics { click_topic, order_topic, custom_topic, event_types } = &self.events;
        let names = [("--click-topic", click_topic), ("--order-topic", order_topic), ("--custom-topic", custom_topic)];
        let names = names.into_iter().flat_map(|(flag, name)| [flag.to_owned(), name.clone()]);
        let types = event_types.iter().flat_map(|pattern| ["--event-types".to_owned(), pattern.to_string()]);
        names.chain(types).collect()
    }

    /// The argument that names the topic of mail requests.
    pub(super) fn mail_topic(&self) -> [&str; 2] {
        ["--mail-topic", &self.mails.mail_topic]
    }

    /// The name of a group.
    pub(super) fn group(&self, usual: &str) -> String {
        format!("{}{usual}", self.group_prefix)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        kafka: KafkaClients,
    }

    fn choice(flags: &[&str], wanted: &BrokerChoice) -> Result<BrokerChoice, String> {
        let flags = flags.iter().flat_map(|flag| ["--kafka-config", *flag]);
        let kafka = Flags::parse_from(std::iter::once("ese").chain(flags)).kafka;
        kafka.choice(wanted).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_for_brokers_of_ones_own() {
        let own = BrokerChoice::Address("a:1,b:2".to_owned());
        assert_eq!(choice(&[], &BrokerChoice::Auto), Ok(BrokerChoice::Auto));
        assert_eq!(choice(&["bootstrap.servers=a:1,b:2"], &BrokerChoice::Auto), Ok(own.clone()));
        assert_eq!(choice(&["security.protocol=ssl"], &own), Ok(own));
        for (flag, wanted) in
            [("security.protocol=ssl", BrokerChoice::Auto), ("bootstrap.servers=a:1", BrokerChoice::Apache)]
        {
            let refused = choice(&[flag], &wanted).unwrap_err();
            assert!(refused.contains("give --broker HOST:PORT"), "{refused}");
        }
    }

    #[test]
    fn all_names_of_a_run_have_one_beginning() {
        let clients = KafkaClients::under("run-1-", KafkaConfig::default());
        let names = clients.event_topics();
        let wanted = ["run-1-click-events", "run-1-order-events", "run-1-custom-events", "run-1-mail-requests"];
        assert_eq!([&names[1], &names[3], &names[5], clients.mail_topic()[1]], wanted);
        assert_eq!(clients.group("consumer"), "run-1-consumer");
    }
}
