//! The whole stack in a real browser: every scenario has its own processes, broker, data directory and profile.
//!
//! - [`scenario`]: sets the stage, runs a scenario on it, clears up whatever happens
//! - [`browser`]: headless Chromium through ChromeDriver
//! - [`pace`], [`trace`], [`memory`]: how smoothly a page runs, for `cargo xtask frames`
//! - [`visitor`]: what a person does on the page, and sees
//! - [`look`]: the page in light and dark, narrow and wide: pictures, and the check of its accessibility

pub mod browser;
pub mod look;
pub mod memory;
pub mod pace;
pub mod scenario;
pub mod trace;
pub mod visitor;
