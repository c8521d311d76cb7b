//! Files of the operator: write keys, and settings of Kafka.

use runtime::kafka::properties;
use runtime::keys::KeysFile;

use crate::refusal::reason;

/// The file of the write keys: refused with a reason, or keys that can be written and read again.
pub fn keys_file(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let keys = match KeysFile::parse(text) {
        Ok(keys) => keys,
        Err(why) => return reason(&why),
    };
    let written = |keys: &KeysFile| serde_json::to_string(keys).expect("keys are JSON");
    let again = KeysFile::parse(&written(&keys)).map(|keys| written(&keys));
    assert_eq!(again, Ok(written(&keys)));
}

/// A properties file: a reason that names the line, or values that can be written and read again.
pub fn kafka_properties(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let settings = match properties::parse(text) {
        Ok(settings) => settings,
        Err(why) => {
            let number = why.strip_prefix("line ").and_then(|rest| rest.split(' ').next()?.parse().ok());
            assert!(number.is_some_and(|number: usize| (1..=text.lines().count()).contains(&number)), "{why}");
            return reason(&why);
        }
    };
    let named = |(_, value): &(String, String)| ("a.key".to_owned(), value.clone());
    let settings: Vec<_> = settings.iter().map(named).collect();
    let written = properties::text(settings.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    assert_eq!(properties::parse(&written).as_ref(), Ok(&settings), "{written}");
}
