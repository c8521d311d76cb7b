//! Files of scenarios.

use verdict::Scenario;

use crate::refusal::reason;

/// A file: refused with its lines and reasons, or a scenario that can be written and read again.
pub fn scenario(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let scenario = match Scenario::parse(text, "fuzz.toml") {
        Ok(scenario) => scenario,
        Err(error) => {
            assert!(!error.problems.is_empty());
            for (line, problem) in &error.problems {
                assert!((1..=text.bytes().filter(|byte| *byte == b'\n').count() + 1).contains(line), "line {line}");
                assert!(!problem.contains('\n'), "a problem on several lines: {problem}");
                reason(&problem.chars().take(500).collect::<String>());
            }
            return;
        }
    };
    let written = toml::to_string(&scenario).expect("a scenario is TOML");
    assert_eq!(Scenario::parse(&written, "fuzz.toml").as_ref(), Ok(&scenario), "{written}");
}
