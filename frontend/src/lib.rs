//! The page of ESE: emits events over three routes and shows what became of each.
//!
//! - [`state`]: what the page knows, as plain structs; all decisions are there, tested natively
//! - [`context`]: the signals and the tracker that components share
//! - [`frames`]: changes gathered until the next animation frame
//! - [`live`], [`api`], [`inquiry`]: the live stream, the other requests, and whom to ask while the stream is silent
//! - [`poll`]: asking again and again while a page is open
//! - [`sorted`]: short lists in order, without the weight of std's sort
//! - [`app`], [`pages`], [`components`]: what is seen

pub mod api;
pub mod app;
pub mod components;
pub mod context;
pub mod format;
pub mod frames;
pub mod inquiry;
pub mod live;
pub mod pages;
pub mod poll;
pub mod sorted;
pub mod state;
