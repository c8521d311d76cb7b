//! The terms of the ledger's identity: their names, their meanings, and how to read them.

use domain::ledger::Balance;

/// A number of the ledger: its sign, its name, its meaning, and how to read it.
pub type Term = (&'static str, &'static str, &'static str, fn(&Balance) -> i64);

/// The terms of the identity, in order.
pub const IDENTITY: [Term; 6] = [
    ("", "emitted", "numbered by senders", |balance| balance.emitted.cast_signed()),
    ("=", "processed", "entered into the ledger, each once", |balance| balance.processed.cast_signed()),
    ("+", "rejected", "refused for good", |balance| balance.rejected.cast_signed()),
    ("+", "shed", "dropped by a sender whose queue was full", |balance| balance.shed.cast_signed()),
    ("+", "in flight", "waiting at a sender or on the route", |balance| balance.in_flight.cast_signed()),
    ("+", "lost", "accepted, and gone though the route is empty", |balance| balance.lost.cast_signed()),
];
/// Numbers outside the identity.
pub const APART: [Term; 3] = [
    ("", "duplicates", "arrived again; effectively once, they have no second effect", |balance| {
        balance.duplicates.cast_signed()
    }),
    (
        "",
        "reordered",
        "arrived after a later one, and counted all the same: kafka keeps order within a partition, not across them",
        |balance| balance.reordered.cast_signed(),
    ),
    ("±", "residual", "what the sum leaves over; 0, or a count is wrong", |balance| balance.residual),
];

/// All terms.
pub fn terms() -> impl Iterator<Item = &'static Term> {
    IDENTITY.iter().chain(&APART)
}
