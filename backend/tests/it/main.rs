//! The backend as it runs, on port 0, against real stores and brokers.

mod bad_input;
mod kafka;
mod poll;
mod program;
mod push;
mod support;
