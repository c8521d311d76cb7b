//! The backend: takes events in and sends them over a route.
//!
//! - [`http`]: `POST /api/events` (ingest), `GET /api/events` (the feed of http-poll), the original example's contracts
//! - [`dispatch`]: every event to each chosen route
//! - [`sink`]: the port, and its adapters push, store and kafka
//! - [`coalesce`]: many concurrent requests, few operations, a bounded queue
//! - [`store`]: the expiring store of http-poll

pub mod app;
pub mod coalesce;
pub mod config;
pub mod dispatch;
pub mod http;
pub mod metrics;
pub mod sink;
pub mod store;
