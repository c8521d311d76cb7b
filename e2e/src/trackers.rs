//! Trackers under the same losses, each in a real browser: the events of each are counted where they arrive.
//!
//! - [`library`]: the trackers: their files, their pages, and where they write an event's number
//! - [`site`]: the site with the page; it never fails
//! - [`collector`]: the stand-in for a tracker's own endpoint, which goes away and refuses
//! - [`run`]: one visit, with the losses on a timeline
//! - [`results`]: the numbers of all runs, and the table of them

pub mod collector;
pub mod library;
pub mod results;
pub mod run;
pub mod site;
