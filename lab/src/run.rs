//! The whole product on one machine: every part as a process, behind one front door.
//!
//! - [`stack`]: all parts together, started, watched and stopped as a library
//! - [`part`]: one part; [`probe`]: whether it is ready; [`supervise`]: its process
//! - [`faults`]: faults that are started and undone while the stack runs
//! - [`guarantees`]: the guarantee of each route, changed while the stack runs
//! - [`broker`]: the choice of a Kafka broker, and how each is started; `ese broker`
//! - [`postgres`]: a PostgreSQL server for the services' databases
//! - [`inbox`]: an SMTP server that keeps the mails it receives; `ese inbox`
//! - [`front`]: the front door: the page and `/api/*` of all parts on one port
//! - [`web`]: the page alone, for containers; `ese web`
//! - [`lock`], [`free_ports`]: the data directory and the ports on 127.0.0.1

pub(crate) mod atomic_file;
pub mod broker;
pub mod faults;
pub mod free_ports;
pub mod front;
pub mod guarantees;
pub mod inbox;
pub mod lock;
pub mod part;
pub mod postgres;
pub mod probe;
pub mod stack;
pub mod supervise;
pub mod web;
