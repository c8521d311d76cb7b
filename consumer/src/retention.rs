//! Prunes ledgers of sessions that are silent for long, memories that no use case has used for long, and old alerts.

use std::sync::Arc;
use std::time::Duration;

use domain::{Route, Timestamp};
use runtime::config::seconds;
use runtime::database::Database;
use runtime::retention::{self, Measured, Retention};
use tokio_util::sync::CancellationToken;

use crate::live::Live;
use crate::store::pruning::{Alerts, Ledgers, RuleStates};

/// How long the consumer keeps what, and how much of it.
#[derive(Clone, Debug, clap::Args)]
pub struct RetentionConfig {
    /// How long the ledger of a silent session is kept, in seconds; the sums keep its counts
    #[arg(long, env = "ESE_LEDGER_TTL", default_value = "2592000", value_name = "SECONDS", value_parser = seconds)]
    pub ledger_ttl: Duration,
    /// How many bytes ledgers may take; past that, those that are silent for longest go, but none of the last hour
    #[arg(long, env = "ESE_LEDGER_BYTES", default_value_t = 256 << 20, value_name = "BYTES")]
    pub ledger_bytes: u64,
    /// How long a use case remembers what it has not used, in seconds; what is still due stays
    #[arg(long, env = "ESE_RULE_TTL", default_value = "604800", value_name = "SECONDS", value_parser = seconds)]
    pub rule_ttl: Duration,
    /// How many bytes the memories of use cases may take; past that, those unused for longest go, but none of the last hour
    #[arg(long, env = "ESE_RULE_BYTES", default_value_t = 64 << 20, value_name = "BYTES")]
    pub rule_bytes: u64,
    /// How long alerts are kept, in seconds; their number stays
    #[arg(long, env = "ESE_ALERT_TTL", default_value = "2592000", value_name = "SECONDS", value_parser = seconds)]
    pub alert_ttl: Duration,
    /// How many bytes alerts may take; past that, the oldest go, but none of the last hour
    #[arg(long, env = "ESE_ALERT_BYTES", default_value_t = 64 << 20, value_name = "BYTES")]
    pub alert_bytes: u64,
}

/// Prunes one consumer's database.
pub struct Pruner {
    /// The database.
    pub database: Database,
    /// The hub, which has when each route was last seen empty.
    pub live: Arc<Live>,
    /// Whether there is a broker. Without one nothing is on the way in Kafka.
    pub has_broker: bool,
    /// The bounds.
    pub config: RetentionConfig,
    /// What was measured.
    pub measured: Measured,
}

impl Pruner {
    /// Prunes until the service stops.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        retention::run(stop, || self.turn()).await
    }

    async fn turn(&self) {
        let drained_at = |route| match route {
            Route::Kafka if !self.has_broker => Timestamp::MAX,
            route => self.live.drained_at(route),
        };
        let drained_at = Route::ALL.into_iter().map(|route| (route, drained_at(route))).collect();
        let ledgers = Ledgers { database: self.database.clone(), drained_at };
        let (memories, alerts) = (RuleStates(self.database.clone()), Alerts(self.database.clone()));
        let RetentionConfig { ledger_ttl, ledger_bytes, rule_ttl, rule_bytes, alert_ttl, alert_bytes } = self.config;
        self.measured.prune(&ledgers, Retention { ttl: ledger_ttl, bytes: ledger_bytes }).await;
        self.measured.prune(&memories, Retention { ttl: rule_ttl, bytes: rule_bytes }).await;
        self.measured.prune(&alerts, Retention { ttl: alert_ttl, bytes: alert_bytes }).await;
    }
}
