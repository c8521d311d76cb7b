//! Tests of reading scenarios.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::builtin_scenarios;

const VALID: &str = r#"name = "example"
question = "What happens?"
lesson = "Nothing."

[load]
rate = 100
seconds = 20

[[fault]]
at = 5
for = 10
kind = "kill"
part = "consumer"

[predict]
unavailable = ["http-poll", "kafka"]
lost = "same"
"#;

/// The error of the valid file after one line was replaced.
fn error(from: &str, to: &str) -> String {
    assert!(VALID.contains(from), "{from}");
    Scenario::parse(&VALID.replacen(from, to, 1), "x.toml").expect_err(to).to_string()
}

#[test]
fn errors_name_line_and_field() {
    assert!(Scenario::parse(VALID, "x.toml").is_ok());
    let cases = [
        ("rate = 100", "rate = 0", "x.toml:6: `load.rate` must be from 0.1 to 2000 events a second, not 0"),
        ("rate = 100", "rate = nan", "x.toml:6: `load.rate` must be from 0.1 to 2000 events a second, not NaN"),
        ("rate = 100", "rate = \"many\"", "x.toml:6: `load.rate`: invalid type: string \"many\", expected a number"),
        (
            "seconds = 20",
            "seconds = -1",
            "x.toml:7: `load.seconds`: invalid value: integer `-1`, expected a whole number within its bounds",
        ),
        ("seconds = 20", "clients = 501", "x.toml:7: `load.clients` must be from 1 to 500 clients, not 501"),
        (
            "seconds = 20",
            "event_bytes = 16385",
            "x.toml:7: `load.event_bytes` must be from 32 to 16384 bytes, not 16385",
        ),
        (
            "at = 5",
            "at = 20",
            "x.toml:10: `fault.at` must be from 0 to less than 20 seconds: a fault starts within the load, not at 20",
        ),
        (
            "for = 10",
            "for = 15.5",
            "x.toml:11: `fault.for` must be above 0, and the fault must end within the load of 20 seconds",
        ),
        (
            "for = 10",
            "every = 0.5",
            "x.toml:11: `fault.every` must be from 1 second to the time that the fault lasts, not 0.5",
        ),
        (
            "part = \"consumer\"",
            "part = \"consumer-2\"",
            "x.toml:13: `fault.part` is not in this stack: `stack.consumers` is smaller",
        ),
        (
            "part = \"consumer\"",
            "part = \"leader\"",
            "x.toml:13: `fault.part` is not in this stack: it needs `stack.brokers` = 3",
        ),
        (
            "lost = \"same\"",
            "lost = []",
            "x.toml:17: `predict.lost` must be \"same\" or a list of one or two routes, each once",
        ),
        ("lost = \"same\"", "missed-history = \"same\"", "x.toml:17: `predict.missed-history` needs a [second_reader]"),
        (
            "lost = \"same\"",
            "lost = [\"pigeon\"]",
            "x.toml:17: `predict.lost`: expected \"same\" or a list of routes: http-push, http-poll, kafka",
        ),
        ("lesson = \"Nothing.\"", "", "x.toml:1: missing field `lesson`"),
    ];
    for (from, to, expected) in cases {
        assert_eq!(error(from, to), expected);
    }
    let starts = [
        ("rate = 100", "speed = 100", "x.toml:6: unknown field `speed`, expected one of `rate`"),
        ("lost = \"same\"", "beauty = \"same\"", "x.toml:17: "),
        ("kind = \"kill\"", "kind = \"flood\"", "x.toml:12: `fault.kind` must be one of kill, stop, pause,"),
        (
            "kind = \"kill\"",
            "kind = \"slow-mail\"",
            "x.toml:13: `fault.part` of the kind `slow-mail` must be one of inbox",
        ),
        ("rate = 100", "rate = ", "x.toml:6: "),
        ("name = \"example\"", "name = \"../x\"", "x.toml:1: `name` must have 1 to 40 lower-case letters"),
    ];
    for (from, to, expected) in starts {
        let error = error(from, to);
        assert!(error.starts_with(expected), "{error}");
    }
    let long = format!("lesson = \"{}\"", "word ".repeat(121));
    assert_eq!(error("lesson = \"Nothing.\"", &long), "x.toml:3: `lesson` must have 1 to 120 words, not 121");
}

#[test]
fn all_errors_are_named_in_the_order_of_their_lines() {
    let text = VALID.replace("rate = 100", "rate = 0").replace("lost = \"same\"", "lost = []");
    let error = Scenario::parse(&text, "x.toml").unwrap_err();
    assert_eq!(error.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6, 17]);
}

#[test]
fn bounds_between_fields_are_kept() {
    let with = |more: &str| {
        let text = VALID.replace("[predict]", &format!("{more}\n[predict]"));
        Scenario::parse(&text, "x.toml").err().map(|error| error.to_string()).unwrap_or_default()
    };
    let refused = [
        ("[stack]\nconsumers = 2", "`stack.consumers` above 1 needs `stack.database` = \"postgres\""),
        ("[stack]\nbrokers = 2", "`stack.brokers` must be 1 or 3, not 2"),
        (
            "[[fault]]\nat = 3\nkind = \"kill\"\npart = \"mailer\"",
            "`fault.at` must not be before that of the fault above",
        ),
        (
            "[[fault]]\nat = 9\nkind = \"pause\"\npart = \"consumer\"",
            "`fault.at` must not be before the end of the fault",
        ),
        ("[[fault]]\nat = 9\nkind = \"kill\"\npart = \"postgres\"", "it needs `stack.database`"),
        (
            "[[fault]]\nat = 9\nkind = \"latency\"\npart = \"route\"\nparameters = { latency_ms = 1001 }",
            "`fault.parameters.latency_ms` must be from 1 to 1000",
        ),
        (
            "[[fault]]\nat = 9\nkind = \"kill\"\npart = \"mailer\"\nparameters = { x = 1 }",
            "`fault.parameters.x` is no number of the kind `kill`",
        ),
        ("[second_reader]\nat = 21", "`second_reader.at` must be from 0 to 20 seconds"),
    ];
    for (more, expected) in refused {
        assert!(with(more).contains(expected), "{more}: {}", with(more));
    }
    let taken = [
        "[stack]\nconsumers = 2\ndatabase = \"postgres\"",
        "[[fault]]\nat = 15\nkind = \"pause\"\npart = \"consumer\"",
        "[[fault]]\nat = 9\nkind = \"offline\"\npart = \"senders\"",
        "[second_reader]\nat = 20",
    ];
    for more in taken {
        assert_eq!(with(more), "", "{more}");
    }
    let burst = VALID.replace("rate = 100", "rate = 1000\nshape = \"burst\"");
    let error = Scenario::parse(&burst, "x.toml").unwrap_err().to_string();
    assert_eq!(error, "x.toml:5: `load.burst_factor` makes 3000 events a second in a burst; at most 2000 are made");
}

/// The text of a scenario of the set, as a file.
fn file() -> impl Strategy<Value = String> {
    select(builtin_scenarios::all().iter().map(|scenario| toml::to_string(scenario).unwrap()).collect::<Vec<_>>())
}

/// The values that replace a value: bounds of the fields and beyond, and other types.
fn value() -> impl Strategy<Value = String> {
    let whole = ["0", "-1", "1", "2", "4", "5", "33", "501", "601", "1001", "2001", "16385", "86401", "4294967295"];
    let others = ["1e308", "-0.0", "0.09", "nan", "inf", "true", "\"same\"", "[]", "{}", "1979-05-27", "\"ä\""];
    prop_oneof![
        3 => select(whole.to_vec()).prop_map(str::to_owned),
        1 => select(others.to_vec()).prop_map(str::to_owned),
        1 => any::<f64>().prop_map(|number| number.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn another_value_gives_an_error_or_a_scenario_within_bounds(
        text in file(), place in any::<prop::sample::Index>(), value in value(),
    ) {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let is_number = |line: &String| line.split_once(" = ").is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        let numbers: Vec<usize> = (0..lines.len()).filter(|&index| is_number(&lines[index])).collect();
        let line = &mut lines[numbers[place.index(numbers.len())]];
        *line = format!("{} = {value}", line.split(" = ").next().unwrap());
        check_mutated(&lines.join("\n"))?;
    }

    #[test]
    fn a_scenario_is_the_same_after_writing_and_reading(scenario in select([builtin_scenarios::all(), builtin_scenarios::quick()].concat())) {
        let text = toml::to_string(&scenario).unwrap();
        prop_assert_eq!(Scenario::parse(&text, "x.toml"), Ok(scenario));
    }

    #[test]
    fn another_text_gives_an_error_or_a_scenario_within_bounds(
        text in file(),
        place in any::<prop::sample::Index>(),
        removed in 0_usize..40,
        inserted in "\\PC{0,8}|[\\]\\[{}=\"\\n.,#']{1,4}",
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let start = place.index(characters.len());
        let end = (start + removed).min(characters.len());
        characters.splice(start..end, inserted.chars());
        check_mutated(&characters.into_iter().collect::<String>())?;
    }
}

fn check_mutated(text: &str) -> Result<(), TestCaseError> {
    match Scenario::parse(text, "x.toml") {
        Ok(scenario) => {
            prop_assert!(check::problems(&scenario).is_empty());
            let Scenario { load, stack, faults, .. } = &scenario;
            prop_assert!(load.rate > 0.0 && load.rate <= 2000.0 && (2..=600).contains(&load.seconds));
            prop_assert!((1..=500).contains(&load.clients) && (32..=16_384).contains(&load.event_bytes));
            prop_assert!((1..=1000).contains(&load.batch) && (0.0..=1.0).contains(&load.hot_key_share));
            prop_assert!(matches!(stack.brokers, 1 | 3) && (1..=4).contains(&stack.consumers));
            prop_assert!((1..=86_400).contains(&stack.store_ttl_seconds));
            for fault in faults {
                let end = fault.at + fault.lasts.unwrap_or_default();
                prop_assert!(fault.at >= 0.0 && end <= f64::from(load.seconds));
            }
        }
        Err(error) => {
            let lines = text.lines().count().max(1) + 1;
            prop_assert!(error.problems.iter().all(|(line, text)| (1..=lines).contains(line) && !text.is_empty()));
        }
    }
    Ok(())
}
