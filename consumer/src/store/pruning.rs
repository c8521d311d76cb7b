//! The pruning of ledgers, rule states and alerts, in transactions that lock rows in the order of the steps.

mod alerts;
mod ledgers;
mod rule_states;

pub use alerts::Alerts;
pub use ledgers::Ledgers;
pub use rule_states::RuleStates;
