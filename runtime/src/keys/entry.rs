//! The file of the write keys: a name, a hash, origins and limits for each key.

use serde::{Deserialize, Serialize};

use crate::problem::short;
use crate::secret::SecretHash;

/// The most keys of a file: each request is compared with all of them.
const MOST_KEYS: usize = 1000;
/// The most origins of a key.
const MOST_ORIGINS: usize = 100;
/// The largest limit, in events or bytes.
const MOST: u32 = 1_000_000_000;
/// All origins.
pub(super) const ANY: &str = "*";

/// The content of the file, as JSON.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeysFile {
    /// The keys.
    pub keys: Vec<KeyEntry>,
}

/// One key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// Its name, for people.
    pub name: String,
    /// The SHA-256 of the key.
    pub sha256: SecretHash,
    /// The origins whose pages may use it, such as `https://shop.example`; `*` for all.
    pub origins: Vec<String>,
    /// How many events it may send each second.
    pub events_per_second: u32,
    /// How many events it may send at once after a pause.
    pub burst: u32,
    /// How many bytes of bodies it may send each second.
    pub bytes_per_second: u32,
}

impl KeysFile {
    /// Reads and checks the text of the file; the error is a sentence without its end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Self = serde_json::from_str(text).map_err(|error| short(&error))?;
        if file.keys.len() > MOST_KEYS {
            return Err(format!("there are more than {MOST_KEYS} keys"));
        }
        for (place, key) in file.keys.iter().enumerate() {
            key.check().map_err(|why| format!("the key `{}`: {}", short(&key.name), short(&why)))?;
            if file.keys[..place].iter().any(|other| other.name == key.name) {
                return Err(format!("two keys have the name `{}`", key.name));
            }
        }
        Ok(file)
    }
}

impl KeyEntry {
    /// Whether both say the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        let rest = |key: &Self| (key.events_per_second, key.burst, key.bytes_per_second);
        let same = (&self.name, &self.origins, rest(self)) == (&other.name, &other.origins, rest(other));
        same && self.sha256.is(&other.sha256)
    }

    fn check(&self) -> Result<(), String> {
        name(&self.name)?;
        if self.origins.len() > MOST_ORIGINS {
            return Err(format!("it has more than {MOST_ORIGINS} origins"));
        }
        self.origins.iter().try_for_each(|text| origin(text).map(drop))?;
        let limits = [self.events_per_second, self.burst, self.bytes_per_second];
        if limits.iter().any(|limit| !(1..=MOST).contains(limit)) {
            return Err(format!("a limit is a number from 1 to {MOST}"));
        }
        Ok(())
    }
}

/// The name of a key, as a clap value parser.
pub fn name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=60).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    Err("a name has 1 to 60 letters, digits, dots, hyphens and underscores".to_owned())
}

/// An origin as a browser sends it, as a clap value parser.
pub fn origin(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:[]".contains(&byte);
    let is_origin = host.is_some_and(|host| (1..=255).contains(&host.len()) && host.bytes().all(plain));
    if text == ANY || is_origin {
        return Ok(text.to_owned());
    }
    Err("an origin is such as https://shop.example, in small letters and without a path, or * for all".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_reason() {
        let sha256 = SecretHash::of(b"").to_string();
        let file = |name: &str, origin: &str, burst: u32| {
            format!(
                r#"{{"name": "{name}", "sha256": "{sha256}", "origins": ["{origin}"],
                    "events_per_second": 1, "burst": {burst}, "bytes_per_second": 1}}"#
            )
        };
        let keys = |keys: &[String]| KeysFile::parse(&format!(r#"{{"keys": [{}]}}"#, keys.join(",")));
        assert_eq!(keys(&[file("a", "*", 1), file("b", "http://[::1]:8080", 1)]).unwrap().keys.len(), 2);
        for (wrong, reason) in [
            (vec![file("a", "*", 1), file("a", "*", 1)], "two keys have the name `a`"),
            (vec![file("a b", "*", 1)], "a name has 1 to 60 letters"),
            (vec![file("a", "https://shop.example/", 1)], "the key `a`: an origin is such as"),
            (vec![file("a", "https://Shop.example", 1)], "an origin is such as"),
            (vec![file("a", "*", 0)], "a limit is a number from 1"),
            (vec!["{}".to_owned()], "missing field `name`"),
        ] {
            let error = keys(&wrong).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        KeysFile::parse("").unwrap_err();
    }
}
