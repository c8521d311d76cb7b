//! The Kafka broker: the choice of one, how it is started, and when it is ready.

pub mod apache;
pub mod choice;
pub mod detour;
mod installed;
mod memory;
pub mod nisshi;
mod prepare;
pub mod ready;
pub mod serve;

pub use choice::{BROKER, BrokerChoice, Choice, Kind, addresses, brokers, choose};
pub use detour::Detour;
pub use installed::{Installed, find_installed};
pub use prepare::{Broker, prepare};
