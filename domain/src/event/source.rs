//! The source of an event: a session, which numbers its events, or another producer.

use std::fmt;
use std::str::FromStr;

use crate::SessionId;

/// CloudEvents' `source`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, schemars::JsonSchema)]
#[schemars(into = "String", try_from = "String", extend("examples" = ["/sessions/0192f0c1-0000-7000-8000-000000000001"]))]
pub enum Source {
    /// `/sessions/<uuid>`: counted in the ledger.
    Session(SessionId),
    /// Any other non-empty URI reference: processed, but not counted in the ledger.
    Elsewhere(String),
}

/// The text cannot be a source.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSource {
    /// CloudEvents requires it to be non-empty and without control characters; here it must be short as well.
    #[error("`source` must have 1 to 200 bytes and no control characters")]
    BadText,
    /// It begins like a session but is none.
    #[error("`source` begins with /sessions/ but no UUID follows")]
    NoSession,
}

impl Source {
    /// The session, if it is one.
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Session(session) => Some(*session),
            Self::Elsewhere(_) => None,
        }
    }
}

impl FromStr for Source {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        match text.strip_prefix("/sessions/") {
            Some(id) => id.parse().map(Self::Session).map_err(|_| BadSource::NoSession),
            None if (1..=200).contains(&text.len()) && !text.contains(char::is_control) => {
                Ok(Self::Elsewhere(text.to_owned()))
            }
            None => Err(BadSource::BadText),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(session) => write!(f, "/sessions/{session}"),
            Self::Elsewhere(uri) => f.write_str(uri),
        }
    }
}

crate::text::convert_as_text!(Source);
