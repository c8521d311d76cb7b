//! Every way to choose a broker.

use super::*;

fn installed(java: Option<u32>, kafka: bool, nisshi: bool) -> Installed {
    Installed {
        java: java.map(|major| ("java".into(), major)),
        kafka: kafka.then(|| ("4.4.0".to_owned(), "jars".into())),
        nisshi: nisshi.then(|| "nisshi".into()),
    }
}

fn reason(wanted: &BrokerChoice, installed: &Installed, kept: Option<Kind>) -> String {
    choose(wanted, installed, kept).map_or_else(|error| error.to_string(), |(_, reason)| reason)
}

#[test]
fn auto_prefers_apache_then_nisshi_then_names_the_command_to_run() {
    let auto = |java, kafka, nisshi| reason(&BrokerChoice::Auto, &installed(java, kafka, nisshi), None);
    assert_eq!(auto(Some(17), true, true), "Apache Kafka 4.4.0, because it is installed, with a Java to run it");
    assert!(auto(Some(11), true, true).starts_with("nisshi, because"));
    assert!(auto(Some(21), false, true).starts_with("nisshi, because"));
    let none = auto(Some(11), true, false);
    assert!(none.contains("Java is 11") && none.contains("cargo xtask setup broker"), "{none}");
    assert!(auto(None, true, false).contains("there is no Java"));
}

#[test]
fn the_named_broker_is_taken_or_refused() {
    let all = installed(Some(17), true, true);
    let nothing = installed(None, false, false);
    let address = BrokerChoice::Address("kafka:9092".to_owned());
    assert!(reason(&address, &nothing, None).starts_with("the broker at kafka:9092"));
    assert!(reason(&BrokerChoice::Apache, &all, None).starts_with("Apache Kafka 4.4.0"));
    assert!(reason(&BrokerChoice::Apache, &nothing, None).contains("cargo xtask setup apache"));
    assert!(reason(&BrokerChoice::Nisshi, &all, None).starts_with("nisshi"));
    assert!(reason(&BrokerChoice::Nisshi, &nothing, None).contains("cargo xtask setup nisshi"));
}

#[test]
fn a_data_directory_stays_with_its_broker() {
    let all = installed(Some(17), true, true);
    assert!(reason(&BrokerChoice::Auto, &all, Some(Kind::Nisshi)).starts_with("nisshi, because this data directory"));
    let refused = reason(&BrokerChoice::Apache, &all, Some(Kind::Nisshi));
    assert!(refused.contains("another broker (nisshi) than the one asked for (apache)"), "{refused}");
    assert!(choose(&BrokerChoice::Auto, &all, Some(Kind::Address)).is_err());
}

#[test]
fn every_broker_name_is_read() {
    assert_eq!("auto".parse::<BrokerChoice>().unwrap(), BrokerChoice::Auto);
    assert_eq!("127.0.0.1:9092".parse::<BrokerChoice>().unwrap(), BrokerChoice::Address("127.0.0.1:9092".to_owned()));
    let several = "kafka-1:9092,[2001:db8::7]:9092";
    assert_eq!(several.parse::<BrokerChoice>().unwrap(), BrokerChoice::Address(several.to_owned()));
    for bad in ["a:1,", "a:1,b", "rabbit", "host:", ":9092", "host:0", "host:99999", "http://host:1"] {
        assert!(bad.parse::<BrokerChoice>().is_err(), "{bad}");
    }
}
