//! The pages, each at its own address; a folder has the components and the pure state of one page.

pub mod compare;
pub mod inbox;
pub mod learn;
pub mod ledger;
pub mod live;
pub mod not_found;
pub mod play;
pub mod use_cases;
