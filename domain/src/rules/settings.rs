//! The settings of a use case: fields, each with a form for its values, so that a page can offer any of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::mail_request::MAX_ADDRESS_BYTES;
use crate::{EventType, Kind};

/// The field that every use case has: the recipient of the mails.
pub const RECIPIENT: &str = "to";

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its label, for people.
    pub label: &'static str,
    /// Its allowed values.
    pub form: Form,
    /// Its default.
    pub default: Value,
}

/// The allowed values of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Form {
    /// A whole number.
    Number {
        /// At least this.
        min: i64,
        /// At most this.
        max: i64,
        /// The unit: `ms`, `s`, `events`.
        unit: String,
    },
    /// An event type.
    Kind,
    /// A mail address.
    Address,
}

impl Field {
    /// A whole number of `unit` from `min` to `max`.
    pub fn number(name: &'static str, label: &'static str, unit: &str, (min, max): (i64, i64), default: i64) -> Self {
        Self { name, label, form: Form::Number { min, max, unit: unit.to_owned() }, default: json!(default) }
    }

    /// An event type.
    pub fn kind(name: &'static str, label: &'static str, default: Kind) -> Self {
        Self { name, label, form: Form::Kind, default: json!(default) }
    }

    /// The recipient of the mails.
    pub fn recipient(default: &str) -> Self {
        Self { name: RECIPIENT, label: "Recipient", form: Form::Address, default: json!(default) }
    }
}

/// The values of a use case's fields; there is one for each, and it fits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<&'static str, Value>);

/// A setting that is refused, with the allowed values.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// The setting is unknown.
    #[error("there is no setting `{name}`; there are: {known}")]
    Unknown {
        /// The name given.
        name: String,
        /// The known names.
        known: String,
    },
    /// The value has the wrong form.
    #[error("`{name}` must be {wanted}")]
    Unfit {
        /// The setting's name.
        name: &'static str,
        /// The allowed values.
        wanted: String,
    },
}

impl Settings {
    /// The default values.
    pub fn default_of(fields: &[Field]) -> Self {
        Self(fields.iter().map(|field| (field.name, field.default.clone())).collect())
    }

    /// These, with the values `given` in place of the old; all or nothing.
    pub fn changed(&self, fields: &[Field], given: &Map<String, Value>) -> Result<Self, BadSetting> {
        let mut changed = self.clone();
        for (name, value) in given {
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                let name = name.chars().take(40).collect();
                return Err(BadSetting::Unknown { name, known: known.join(", ") });
            };
            if let Some(wanted) = field.form.wants_other_than(value) {
                return Err(BadSetting::Unfit { name: field.name, wanted });
            }
            changed.0.insert(field.name, value.clone());
        }
        Ok(changed)
    }

    /// A whole number; 0 if there is no such field.
    pub fn number(&self, name: &str) -> i64 {
        self.0.get(name).and_then(Value::as_i64).unwrap_or_default()
    }

    /// A text; empty if there is no such field.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A value as it is.
    pub fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

impl Form {
    /// The allowed values, unless this one fits.
    fn wants_other_than(&self, value: &Value) -> Option<String> {
        let (fits, wanted) = match self {
            Self::Number { min, max, unit } => {
                let fits = value.as_i64().is_some_and(|number| (*min..=*max).contains(&number));
                (fits, format!("a whole number from {min} to {max} ({unit})"))
            }
            Self::Kind => {
                let fits = value.as_str().is_some_and(|name| name.parse::<EventType>().is_ok());
                let known = Kind::ALL.map(Kind::name).join(", ");
                (fits, format!("one of the event types {known}, or one of your own, such as com.example.order-paid"))
            }
            Self::Address => {
                (value.as_str().is_some_and(is_address), "a mail address such as operator@example.com".to_owned())
            }
        };
        (!fits).then_some(wanted)
    }
}

/// Plain `local@domain`, in printable ASCII: what every SMTP server takes.
fn is_address(text: &str) -> bool {
    let plain = |part: &str, more: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
    };
    text.len() <= MAX_ADDRESS_BYTES
        && text.split_once('@').is_some_and(|(local, domain)| {
            local.len() <= 64 && plain(local, "!#$%&'*+-/=?^_`{|}~.") && plain(domain, "-.")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<Field> {
        vec![
            Field::number("threshold", "Events", "events", (2, 100), 3),
            Field::kind("kind", "Event type", Kind::KeyPress),
            Field::recipient("operator@example.com"),
        ]
    }

    fn change(given: Value) -> Result<Settings, String> {
        let given = given.as_object().cloned().unwrap_or_default();
        Settings::default_of(&fields()).changed(&fields(), &given).map_err(|error| error.to_string())
    }

    #[test]
    fn a_missing_setting_keeps_its_value() {
        let settings = change(json!({"threshold": 5})).unwrap();
        assert_eq!((settings.number("threshold"), settings.text("kind")), (5, Kind::KeyPress.name()));
        assert_eq!(change(json!({"kind": "com.example.paid"})).unwrap().text("kind"), "com.example.paid");
        assert_eq!(settings.text(RECIPIENT), "operator@example.com");
    }

    #[test]
    fn a_refusal_has_the_allowed_values() {
        let refused = |given| change(given).unwrap_err();
        assert_eq!(refused(json!({"threshold": 1})), "`threshold` must be a whole number from 2 to 100 (events)");
        assert_eq!(refused(json!({"threshold": "3"})), "`threshold` must be a whole number from 2 to 100 (events)");
        assert!(refused(json!({"kind": "ese.nap"})).starts_with("`kind` must be one of the event types ese."));
        assert_eq!(refused(json!({"colour": 1})), "there is no setting `colour`; there are: threshold, kind, to");
        for bad in ["", "@", "a@", "@b", "a b@c.de", "a@b\r\nBcc: x@y.z", "a@b@c", "<a@b.c>", "a@.b", "ä@b.c"] {
            assert_eq!(refused(json!({"to": bad})), "`to` must be a mail address such as operator@example.com");
        }
        for good in ["a@localhost", "first.last+tag@mail.example.com"] {
            change(json!({"to": good})).unwrap();
        }
    }
}
