//! The program `ese`: it runs the whole product on one machine, and makes experiments on it.
//!
//! - [`run`]: the product: all parts as processes, behind one front door
//! - [`experiments`]: load, crashes and reports; they import `run`, and `run` imports nothing from them
//! - [`cli`]: the commands of `ese` and their flags
//! - [`up`]: `ese up`, which puts the simulator behind the front door
//! - [`describe`]: `ese describe`, which writes the interfaces as files for the documentation
//! - [`terminal`]: lines for the person at the terminal

pub mod cli;
pub mod describe;
pub mod experiments;
pub mod run;
pub mod terminal;
pub mod up;
