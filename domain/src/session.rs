//! A session is one tracker instance; it numbers its events 1, 2, 3 ….

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// The id of a session: one tracker instance in one page, or one simulated client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

impl SessionId {
    /// When it began, by the clock of its sender: the time in a UUIDv7. Other ids have none.
    pub fn began(self) -> Option<Timestamp> {
        let millis = i64::try_from(self.0.as_u128() >> 80).ok();
        millis.filter(|_| self.0.get_version_num() == 7).map(Timestamp::from_millis)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_has_the_time_of_its_beginning() {
        let began = |id: &str| id.parse::<SessionId>().unwrap().began();
        // The example of RFC 9562, appendix A.6.
        let example = "2022-02-22T19:22:22Z".parse().unwrap();
        assert_eq!(began("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), Some(example));
        assert_eq!(began("919108f7-52d1-4320-9bac-f847db4148a8"), None, "a UUIDv4 is random");
    }
}
