//! `--kafka-config` and `--kafka-config-file`: the user's settings of librdkafka, from a file, the environment and the
//! command line.

use std::env::{self, VarError};
use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use super::cluster::{Cluster, Settings};
use super::properties;
use super::reserved::{admits, canonical, is_secret};

/// The variable with settings, as the text of a properties file.
const VARIABLE: &str = "ESE_KAFKA_CONFIG";
/// The variables that name brokers and settings. A program that gives another one its brokers removes them.
pub const VARIABLES: [&str; 3] = [VARIABLE, "ESE_KAFKA_CONFIG_FILE", "ESE_KAFKA_BROKERS"];
/// The settings that name files. librdkafka's error about a missing file does not name the setting.
const FILES: [&str; 5] =
    ["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location", "ssl.keystore.location"];
/// The setting that names brokers.
const BROKERS: &str = "bootstrap.servers";

#[derive(clap::Args)]
struct KafkaFlags {
    /// Setting of librdkafka for every Kafka client, such as security.protocol=SASL_SSL; the flag may come several times, and the variable holds lines of a properties file. A secret is taken from the variable or the file alone, because any user can read the arguments of a process
    #[arg(long, env = VARIABLE, hide_env_values = true, value_name = "KEY=VALUE")]
    kafka_config: Vec<String>,
    /// Properties file with settings of librdkafka; those of --kafka-config and its variable come before them
    #[arg(long, env = "ESE_KAFKA_CONFIG_FILE", value_name = "FILE")]
    kafka_config_file: Option<PathBuf>,
}

/// The user's settings of librdkafka, checked one by one.
#[derive(Clone, Default)]
pub struct KafkaConfig(Arc<Settings>);

impl KafkaConfig {
    /// The cluster at `brokers`, else at the `bootstrap.servers` of the settings; none where neither names brokers.
    pub fn cluster(&self, brokers: Option<&str>) -> Option<Cluster> {
        let given = brokers.or_else(|| self.0.get(BROKERS).map(String::as_str));
        given.filter(|brokers| !brokers.is_empty()).map(|brokers| Cluster::new(brokers, self.0.clone()))
    }

    /// Whether there are no settings.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The brokers that the settings name.
    pub fn brokers(&self) -> Option<&str> {
        self.0.get(BROKERS).map(String::as_str)
    }

    /// The variable that gives another program these settings, secrets included.
    pub fn variable(&self) -> (&'static str, String) {
        (VARIABLE, properties::text(self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))))
    }

    /// Reads the settings of all three sources; a later source wins. An error never has a value.
    fn read(file: Option<&Path>, variable: &str, flags: &[String]) -> Result<Self, String> {
        let mut settings = Settings::new();
        if let Some(file) = file {
            let place = file.display();
            let text = fs::read_to_string(file).map_err(|why| format!("{place} cannot be read: {why}"))?;
            add(&mut settings, &place, properties::parse(&text))?;
        }
        add(&mut settings, &VARIABLE, properties::parse(variable))?;
        add(&mut settings, &"--kafka-config", flags.iter().map(|flag| from_flag(flag)).collect())?;
        Ok(Self(Arc::new(settings)))
    }
}

/// Never shows a value: it may be a secret.
impl fmt::Debug for KafkaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FromArgMatches for KafkaConfig {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let KafkaFlags { kafka_config, kafka_config_file } = KafkaFlags::from_arg_matches(matches)?;
        let file = kafka_config_file.as_deref();
        let read = match matches.value_source("kafka_config") {
            Some(ValueSource::EnvVariable) => Self::read(file, &kafka_config.join("\n"), &[]),
            // clap ignores the variable where the flag is given; the secrets may be in it.
            _ => variable().and_then(|variable| Self::read(file, &variable, &kafka_config)),
        };
        read.map_err(|why| clap::Error::raw(ErrorKind::ValueValidation, why))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for KafkaConfig {
    fn augment_args(command: Command) -> Command {
        KafkaFlags::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        KafkaFlags::augment_args_for_update(command)
    }
}

fn variable() -> Result<String, String> {
    match env::var(VARIABLE) {
        Ok(text) => Ok(text),
        Err(VarError::NotPresent) => Ok(String::new()),
        Err(VarError::NotUnicode(_)) => Err(format!("{VARIABLE} is not UTF-8")),
    }
}

fn from_flag(flag: &str) -> Result<(String, String), String> {
    let (key, value) = flag.split_once('=').ok_or("give KEY=VALUE")?;
    let key = key.trim();
    if is_secret(key) {
        return Err(format!(
            "`{key}` is a secret, and any user can read the arguments of a process: give it in {VARIABLE}, or in a \
             file with --kafka-config-file"
        ));
    }
    Ok((key.to_owned(), value.trim().to_owned()))
}

/// Adds the settings of one source after checking them.
fn add(
    settings: &mut Settings,
    place: &dyn fmt::Display,
    given: Result<Vec<(String, String)>, String>,
) -> Result<(), String> {
    let named = |why: String| format!("{place}: {why}");
    for (key, value) in given.map_err(named)? {
        let name = canonical(&key);
        if admits(name, &value).map_err(named)? {
            check(name, &value).and_then(|()| can_be_read(name, &value)).map_err(named)?;
            settings.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// Asks librdkafka whether it has a setting with this name and takes the value.
fn check(key: &str, value: &str) -> Result<(), String> {
    let mut config = ClientConfig::new();
    match config.set(key, value).create_native_config() {
        Ok(_) => Ok(()),
        Err(KafkaError::ClientConfig(_, why, ..)) => {
            // librdkafka repeats the value here; one of several parts may hold a setting that went into the wrong line.
            let repeats = ["Invalid value", "Unsupported value"].iter().any(|beginning| why.starts_with(beginning));
            let may_be_secret = is_secret(key) || value.contains(|c: char| c == '=' || c.is_whitespace());
            let hidden = || format!("Invalid value for configuration property \"{key}\"");
            Err(if repeats && may_be_secret { hidden() } else { why.trim().to_owned() })
        }
        Err(_) => Err(format!("librdkafka does not take the value of `{key}`")),
    }
}

/// Checks that the file of a setting is there. The error does not show the value: it may be a secret from a wrong line.
fn can_be_read(key: &str, value: &str) -> Result<(), String> {
    if !FILES.contains(&key) || value.is_empty() || value == "probe" {
        return Ok(());
    }
    File::open(value).map(drop).map_err(|why| format!("the file of `{key}` cannot be read: {why}"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    /// A program that is a client of Kafka.
    #[derive(Debug, Parser)]
    #[command(name = "program")]
    struct Program {
        /// The settings
        #[command(flatten)]
        kafka: KafkaConfig,
    }

    fn read(file: &str, variable: &str, flags: &[&str]) -> Result<KafkaConfig, String> {
        let kept = tempfile::NamedTempFile::new().unwrap();
        fs::write(kept.path(), file).unwrap();
        let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        KafkaConfig::read(Some(kept.path()), variable, &flags)
    }

    fn value(config: &KafkaConfig, key: &str) -> Option<String> {
        config.0.get(key).cloned()
    }

    #[test]
    fn a_flag_wins_over_the_variable_and_that_over_the_file_also_under_another_name() {
        let file = "sasl.mechanism=PLAIN\nsasl.username=file\nclient.rack=file\nsasl.password=secret";
        let config = read(file, "sasl.username=variable\nclient.rack=variable", &["client.rack=flag", "linger.ms=2"]);
        let config = config.unwrap();
        assert_eq!(value(&config, "sasl.username").as_deref(), Some("variable"));
        assert_eq!(value(&config, "client.rack").as_deref(), Some("flag"));
        assert_eq!(value(&config, "sasl.mechanisms").as_deref(), Some("PLAIN"));
        assert_eq!(value(&config, "sasl.password").as_deref(), Some("secret"));
        assert_eq!(value(&config, "linger.ms").as_deref(), Some("2"));
        let config = read("queue.buffering.max.ms=1", "", &["linger.ms=2"]).unwrap();
        assert_eq!(config.0.len(), 1);
    }

    #[test]
    fn what_the_programs_need_may_be_repeated_and_not_changed() {
        let config = read("acks=all\nenable.idempotence=true\nsession.timeout.ms=45000", "", &[]).unwrap();
        assert_eq!(format!("{config:?}"), "{\"session.timeout.ms\"}");
        for flag in ["acks=1", "topic.request.required.acks=0"] {
            let error = read("", "", &[flag]).unwrap_err();
            assert!(error.starts_with("--kafka-config: `acks` must stay `all`"), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_has_librdkafkas_own_error() {
        let error = read("a.b=c", "", &[]).unwrap_err();
        assert!(error.ends_with(": No such configuration property: \"a.b\""), "{error}");
        let error = read("", "session.timeout.ms=0", &[]).unwrap_err();
        assert!(error.starts_with("ESE_KAFKA_CONFIG: ") && error.contains("outside allowed range"), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn a_certificate_that_is_not_there_is_named_by_its_setting() {
        for key in FILES {
            let error = read(&format!("{key}=/nowhere/at/all"), "", &[]).unwrap_err();
            assert!(error.contains(&format!("the file of `{key}` cannot be read: No such file")), "{error}");
        }
        read("ssl.ca.location=probe", "", &["ssl.ca.location=/"]).unwrap();
    }

    #[test]
    fn no_error_and_no_output_has_a_secret() {
        for (file, variable, flags) in [
            ("hunter2", "", &[][..]),
            ("", "sasl.password hunter2\nhunter2", &[][..]),
            ("", "", &["hunter2"][..]),
            ("", "", &["sasl.password=hunter2"][..]),
            ("sasl.pasword=hunter2", "", &[][..]),
            ("security.protocol=SASL_PLAINTEXT sasl.password=hunter2", "", &[][..]),
            ("sasl.password=hunter\\2", "", &[][..]),
            ("ssl.ca.location=/ca.pem sasl.password=hunter2", "", &[][..]),
            ("sasl.jaas.config=x required username=\"me\" password=\"hunter2\";", "", &[][..]),
        ] {
            let error = read(file, variable, flags).unwrap_err();
            assert!(!error.contains("hunter"), "{error}");
        }
        let config = read("sasl.password=hunter2", "", &[]).unwrap();
        let cluster = config.cluster(Some("a:1")).unwrap();
        assert!(!format!("{config:?} {cluster:?}").contains("hunter2"));
    }

    #[test]
    fn another_program_gets_the_same_settings() {
        let pem = "ssl.ca.pem=-----BEGIN\\nMII=\\n-----END\\nsasl.username= C:\\\\me\\u0020\nclient.id=\\ first=#1";
        let config = read(pem, "", &["client.rack=ä"]).unwrap();
        let (name, text) = config.variable();
        assert_eq!((name, read("", &text, &[]).unwrap().0), (VARIABLE, config.0));
    }

    #[test]
    fn brokers_are_named_by_the_flag_or_by_a_setting() {
        let none = read("", "", &[]).unwrap();
        assert!(none.cluster(None).is_none() && none.cluster(Some("")).is_none());
        let some = read("bootstrap.servers=a:1,[::1]:2", "", &[]).unwrap();
        assert_eq!(some.cluster(None).unwrap().brokers(), "a:1,[::1]:2");
        assert_eq!(some.cluster(Some("b:3")).unwrap().brokers(), "b:3");
    }

    #[test]
    fn a_bad_setting_is_a_bad_command_line() {
        let error = Program::try_parse_from(["program", "--kafka-config", "acks=0"]).unwrap_err();
        assert_eq!((error.kind(), error.use_stderr()), (ErrorKind::ValueValidation, true));
        let error = Program::try_parse_from(["program", "--kafka-config-file", "/nowhere/at/all"]).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all cannot be read"), "{error}");
        let program = Program::try_parse_from(["program", "--kafka-config", "client.rack=a=b"]).unwrap();
        assert_eq!(value(&program.kafka, "client.rack").as_deref(), Some("a=b"));
        assert!(Program::command().render_help().to_string().contains("ESE_KAFKA_CONFIG"));
    }
}
