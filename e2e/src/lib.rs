//! The whole stack in a real browser: every scenario has its own processes, broker, data directory and profile.
//!
//! - [`fixture`]: starts a stack and a browser for a scenario, and stops them in any case
//! - [`site`]: a site of another origin, for pages with the tracker
//! - [`browser`]: headless Chromium through ChromeDriver
//! - [`frame_rate`], [`trace`], [`memory`]: how smoothly a page runs, for `cargo xtask frames`
//! - [`trackers`]: trackers under the same losses, for `cargo xtask trackers`
//! - [`visitor`]: the actions of a person on the page
//! - [`look`]: the page in light and dark, narrow and wide: pictures, and the check of its accessibility

pub mod browser;
pub mod fixture;
pub mod frame_rate;
pub mod look;
pub mod memory;
pub mod site;
pub mod trace;
pub mod trackers;
pub mod visitor;
