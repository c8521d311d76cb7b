//! The labels of the two buttons of a fault: its start and its end.

use super::kinds::Kind;

/// The labels for start and end.
pub(super) const fn button_labels(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Kill => ["Kill it", "Start it again"],
        Kind::Stop => ["Stop it", "Start it again"],
        Kind::Pause => ["Pause it", "Resume it"],
        Kind::SlowEvents => ["Slow down each event", "Full speed again"],
        Kind::SlowCommits => ["Slow down each commit", "Full speed again"],
        Kind::MailLater => ["Refuse mails for now (451)", "Take mails again"],
        Kind::MailRefused => ["Refuse mails for good (554)", "Take mails again"],
        Kind::SlowMail => ["Answer mails late", "Answer at once again"],
        Kind::Latency => ["Delay everything", "No delay again"],
        Kind::Bandwidth => ["Limit the bandwidth", "Full bandwidth again"],
        Kind::Reset => ["Drop the connections", "Let them connect again"],
        Kind::Cut => ["Cut the cable", "Mend the cable"],
    }
}
