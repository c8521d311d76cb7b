//! The pages, each at an address of its own.

pub mod inbox;
pub mod ledger;
pub mod live;
pub mod missing;
pub mod play;
pub mod session;
pub mod use_cases;
