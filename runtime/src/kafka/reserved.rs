//! The settings of librdkafka that the programs need as they are, and one name for each setting.

/// A setting that the user cannot choose freely.
struct Reserved {
    key: &'static str,
    /// The values that change nothing the program relies on.
    accepted: &'static [&'static str],
    /// Whether an accepted value is used; else the program sets its own for each client.
    used: bool,
    why: &'static str,
}

const fn own(key: &'static str, accepted: &'static [&'static str], why: &'static str) -> Reserved {
    Reserved { key, accepted, used: false, why }
}

const fn one_of(key: &'static str, accepted: &'static [&'static str], why: &'static str) -> Reserved {
    Reserved { key, accepted, used: true, why }
}

const TRUE: &[&str] = &["true", "t", "1"];
const FALSE: &[&str] = &["false", "f", "0"];

/// Every setting whose other values would break an invariant, with the reason.
const RESERVED: &[Reserved] = &[
    own("acks", &["all", "-1"], "an event is accepted once every in-sync replica has its record"),
    own("enable.idempotence", TRUE, "a record that is sent again must not be there twice"),
    own("enable.gapless.guarantee", FALSE, "one record without a delivery report would end the producer"),
    own("transactional.id", &[], "the programs write without transactions"),
    own("delivery.report.only.error", FALSE, "an event is accepted by its delivery report"),
    own("message.timeout.ms", &[], "an answer waits for the delivery report, for 5 s at most"),
    own("queue.buffering.max.messages", &[], "the backend's --queue-bytes bounds this queue"),
    own("queue.buffering.max.kbytes", &[], "the backend's --queue-bytes bounds this queue"),
    one_of(
        "partitioner",
        &["murmur2_random", "murmur2", "consistent_random", "consistent", "fnv1a_random", "fnv1a"],
        "the events of one address must go to one partition, or they lose their order",
    ),
    own("group.id", &[], "--kafka-group names the group"),
    own("group.instance.id", &[], "--kafka-instance names the member of the group"),
    own("group.protocol", &["classic"], "the positions in the database need whole assignments"),
    one_of(
        "partition.assignment.strategy",
        &["range", "roundrobin"],
        "the positions in the database need whole assignments",
    ),
    own("enable.auto.offset.store", FALSE, "an offset is stored only after its record's effects are committed"),
    own(
        "auto.offset.reset",
        &["earliest", "smallest", "beginning"],
        "a partition without a position is read from its beginning",
    ),
];

/// Other names of settings, and the names that the programs use.
const ALIASES: [(&str, &str); 11] = [
    ("metadata.broker.list", "bootstrap.servers"),
    ("request.required.acks", "acks"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("retries", "message.send.max.retries"),
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
    ("compression.codec", "compression.type"),
    ("sasl.mechanism", "sasl.mechanisms"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("sasl.oauthbearer.client.credentials.client.id", "sasl.oauthbearer.client.id"),
    ("sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.client.secret"),
];

/// Parts of the names of settings whose values are secrets, or may hold some. `jaas` is Java's; librdkafka refuses it.
const SECRETS: [&str; 6] = ["password", "passphrase", "secret", "key.pem", "oauthbearer.config", "jaas"];

/// The one name of a setting that has several.
pub(super) fn canonical(key: &str) -> &str {
    // librdkafka takes this prefix before a topic's settings; two global settings begin with it as well.
    let key = match key.strip_prefix("topic.") {
        Some(rest) if !rest.starts_with("metadata.") && rest != "blacklist" => rest,
        _ => key,
    };
    ALIASES.iter().find(|(alias, _)| *alias == key).map_or(key, |&(_, name)| name)
}

/// Whether a setting may get this value and is to be used; an error is the reason why it may not get it.
pub(super) fn admits(key: &str, value: &str) -> Result<bool, String> {
    let Some(Reserved { accepted, used, why, .. }) = RESERVED.iter().find(|reserved| reserved.key == key) else {
        return Ok(true);
    };
    let is_accepted = |part: &str| accepted.iter().any(|one| one.eq_ignore_ascii_case(part.trim()));
    match accepted {
        _ if value.split(',').all(is_accepted) => Ok(*used),
        [] => Err(format!("`{key}` cannot be set here: {why}")),
        [only, ..] if !used => Err(format!("`{key}` must stay `{only}`: {why}")),
        _ => Err(format!("`{key}` must be one of {}: {why}", accepted.join(", "))),
    }
}

/// Whether the value of a setting is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRETS.iter().any(|part| key.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_programs_need_stays() {
        for (key, value, why) in [
            ("acks", "1", "`acks` must stay `all`: an event is accepted once every in-sync replica has its record"),
            ("enable.idempotence", "false", "`enable.idempotence` must stay `true`"),
            ("enable.auto.offset.store", "true", "`enable.auto.offset.store` must stay `false`"),
            ("auto.offset.reset", "latest", "`auto.offset.reset` must stay `earliest`"),
            ("message.timeout.ms", "0", "`message.timeout.ms` cannot be set here"),
            ("group.id", "mine", "`group.id` cannot be set here: --kafka-group"),
            ("group.protocol", "consumer", "`group.protocol` must stay `classic`"),
            ("partition.assignment.strategy", "range,cooperative-sticky", "must be one of range, roundrobin"),
            ("partitioner", "random", "must be one of murmur2_random"),
            ("transactional.id", "", "cannot be set here"),
        ] {
            let error = admits(key, value).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn a_value_that_changes_nothing_is_taken_and_every_other_setting_is_free() {
        for (key, value, used) in [
            ("acks", "ALL", false),
            ("acks", "-1", false),
            ("enable.idempotence", "true", false),
            ("partitioner", "consistent", true),
            ("partition.assignment.strategy", "roundrobin, range", true),
            ("sasl.username", "me", true),
            ("linger.ms", "5", true),
        ] {
            assert_eq!(admits(key, value), Ok(used), "{key}={value}");
        }
    }

    #[test]
    fn each_setting_has_one_name() {
        for (key, name) in [
            ("request.required.acks", "acks"),
            ("topic.acks", "acks"),
            ("topic.request.required.acks", "acks"),
            ("topic.metadata.refresh.interval.ms", "topic.metadata.refresh.interval.ms"),
            ("topic.blacklist", "topic.blacklist"),
            ("delivery.timeout.ms", "message.timeout.ms"),
            ("sasl.mechanism", "sasl.mechanisms"),
            ("client.id", "client.id"),
        ] {
            assert_eq!(canonical(key), name);
        }
    }

    #[test]
    fn secrets_are_recognised() {
        for secret in ["sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"] {
            assert!(is_secret(secret), "{secret}");
        }
        for open in ["sasl.username", "ssl.ca.pem", "ssl.ca.location", "ssl.key.location", "security.protocol"] {
            assert!(!is_secret(open), "{open}");
        }
    }
}
