//! The page of ESE: emits events over three routes and shows the delivery of each.
//!
//! - [`app`], [`pages`], [`components`]: the frame, the pages, and the components that several pages use
//! - [`address`]: the path of the page, and the links within it
//! - [`state`]: the shared state, as plain structs that are tested natively
//! - [`context`], [`signals`], [`memo`], [`window_width`]: the signals and the tracker that components share
//! - [`live_stream`], [`frame_queue`]: the live stream, applied to the state once per animation frame
//! - [`api`], [`poll`], [`catch_up`]: requests, those of components, and those for data that the live stream left out
//! - [`format`], [`sorted`]: numbers and times as text, and a small sort

pub mod address;
pub mod api;
pub mod app;
pub mod catch_up;
pub mod components;
pub mod context;
pub mod format;
pub mod frame_queue;
pub mod live_stream;
pub mod memo;
pub mod pages;
pub mod poll;
pub mod signals;
pub mod sorted;
pub mod state;
pub mod window_width;
