//! `GET /api/use-cases`, and `PATCH /api/use-cases/{id}` with a JSON object of the settings to change.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::rules::{About, Alert, Form};
use crate::{ByRoute, Timestamp};

/// A use case as the page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UseCaseView {
    /// Its name in URLs.
    pub id: String,
    /// Its description, with the present settings.
    pub about: About,
    /// Its settings.
    pub settings: Vec<SettingView>,
    /// The lag of its events, for each route; none for a route without events.
    pub lags: ByRoute<LagStatistics>,
    /// How many alerts there are, for each route.
    pub found: ByRoute<u64>,
    /// The latest alerts, newest first.
    pub results: Vec<Alert>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Serialize, schemars::JsonSchema)]
pub struct SettingView {
    /// Its name in JSON.
    pub name: String,
    /// Its label, for people.
    pub label: String,
    /// Its allowed values.
    #[serde(flatten)]
    pub form: Form,
    /// Its value.
    pub value: Value,
    /// Its default.
    pub default: Value,
}

/// By hand, as for [`Outcome`](super::Outcome).
impl<'de> Deserialize<'de> for SettingView {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Tag {
            Number,
            Kind,
            Address,
        }

        #[derive(Deserialize)]
        struct Flat {
            name: String,
            label: String,
            form: Tag,
            #[serde(default)]
            min: i64,
            #[serde(default)]
            max: i64,
            #[serde(default)]
            unit: String,
            value: Value,
            default: Value,
        }

        let Flat { name, label, form, min, max, unit, value, default } = Flat::deserialize(from)?;
        let form = match form {
            Tag::Number => Form::Number { min, max, unit },
            Tag::Kind => Form::Kind,
            Tag::Address => Form::Address,
        };
        Ok(Self { name, label, form, value, default })
    }
}

/// How late the events of the last five minutes were, in the seed's words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LagStatistics {
    /// From the client's emission to the backend's receipt.
    pub producer: Spread,
    /// From the backend's receipt to the end of processing.
    pub consumer: Spread,
    /// Averages over [`LAG_BUCKET_SECONDS`] each, oldest first, without the times in which no event came.
    pub course: Vec<LagPoint>,
}

/// How long one point of [`LagStatistics::course`] is, in seconds.
pub const LAG_BUCKET_SECONDS: i64 = 5;

/// Durations summed up, in milliseconds; negative where clocks disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Spread {
    /// Of how many events.
    pub events: u64,
    /// The shortest.
    pub min_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// The arithmetic mean.
    pub average_ms: f64,
}

/// Averages over a few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LagPoint {
    /// When they began, by the consumer's clock.
    pub at: Timestamp,
    /// Client to backend, in milliseconds.
    pub producer_ms: f64,
    /// Backend to the end of processing, in milliseconds.
    pub consumer_ms: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_it_is_written() {
        let number = Form::Number { min: -1, max: 9, unit: "ms".to_owned() };
        for form in [number, Form::Kind, Form::Address] {
            let (name, label) = ("window".to_owned(), "Window".to_owned());
            let view = SettingView { name, label, form, value: 4.into(), default: 5.into() };
            assert_eq!(serde_json::from_value::<SettingView>(serde_json::to_value(&view).unwrap()).unwrap(), view);
        }
    }
}
