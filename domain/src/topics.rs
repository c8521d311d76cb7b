//! The topics in Kafka: their names, and how many partitions an event topic has.

/// Partitions of each event topic.
pub const PARTITIONS: i32 = 3;
/// The topic of the events of users' own types.
pub const CUSTOM_TOPIC: &str = "custom-events";
/// The topic of mail requests.
pub const MAIL_TOPIC: &str = "mail-requests";
/// The suffix of a dead-letter topic.
pub const DEAD_LETTER_SUFFIX: &str = ".dlq";

/// The Kafka topic; the seed has it as an event's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The actions of visitors.
    Clicks,
    /// The states of orders.
    Orders,
}

impl Topic {
    /// Both topics.
    pub const ALL: [Self; 2] = [Self::Clicks, Self::Orders];

    /// The seed's `type`.
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::Clicks => "CLICK_STREAM_EVENT",
            Self::Orders => "ORDER_STATE_UPDATE_EVENT",
        }
    }

    /// The topic's name in Kafka.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clicks => "click-events",
            Self::Orders => "order-events",
        }
    }
}
