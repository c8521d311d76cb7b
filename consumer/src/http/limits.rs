//! The limits of HTTP: the largest bodies, and how many bodies and listeners there may be at once.

/// The most pages that may listen at once.
pub(super) const LISTENERS: usize = 256;
/// The largest forward the backend makes, with room to spare.
pub(super) const MAX_DELIVERY_BYTES: usize = 8 << 20;
/// The largest report: some twenty thousand ranges.
pub(super) const MAX_REPORT_BYTES: usize = 256 << 10;
/// The largest change of settings.
pub(super) const MAX_SETTINGS_BYTES: usize = 16 << 10;
/// How many of the largest bodies are read or processed at once.
pub(super) const BODIES: usize = 4;
