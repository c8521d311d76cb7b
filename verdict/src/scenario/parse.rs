//! Reads a scenario from its file; each error names the line and the field.

use std::fmt;

use toml::Deserializer;
use toml::de::DeTable;

use super::fields::Fields;
use super::problem::{Problem, without_numbers};
use super::{Scenario, check};

/// The largest file, in bytes.
const MOST_BYTES: usize = 64 * 1024;

/// The errors of a scenario's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioError {
    /// The name of the file.
    pub file: String,
    /// Its errors, at least one, in the order of the lines.
    pub problems: Vec<(usize, String)>,
}

impl fmt::Display for ScenarioError {
    /// A line for each error: `FILE:LINE: ERROR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.problems.iter().map(|(line, text)| format!("{}:{line}: {text}", self.file));
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
    }
}

impl Scenario {
    /// Reads the content of a scenario's file. White space within the question and the lesson becomes single blanks.
    pub fn parse(text: &str, name_of_file: &str) -> Result<Self, ScenarioError> {
        let error = |problems| ScenarioError { file: name_of_file.to_owned(), problems };
        if text.len() > MOST_BYTES {
            return Err(error(vec![(1, format!("a scenario has at most {MOST_BYTES} bytes, not {}", text.len()))]));
        }
        let wrong = |wrong: toml::de::Error, fields: Option<&Fields>| error(vec![described(&wrong, text, fields)]);
        let document = DeTable::parse(text).map_err(|error| wrong(error, None))?;
        let fields = Fields::of(document.get_ref());
        let mut scenario: Self = serde::Deserialize::deserialize(Deserializer::from(document))
            .map_err(|error| wrong(error, Some(&fields)))?;
        for text in [&mut scenario.question, &mut scenario.lesson] {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        let problems = check::problems(&scenario).into_iter();
        let mut problems: Vec<_> =
            problems.map(|problem: Problem| (line(text, fields.place(&problem.path)), problem.to_string())).collect();
        problems.sort_by_key(|(line, _)| *line);
        if problems.is_empty() { Ok(scenario) } else { Err(error(problems)) }
    }
}

/// The line of an error, and its message with the field.
fn described(error: &toml::de::Error, text: &str, fields: Option<&Fields>) -> (usize, String) {
    let place = error.span().map_or(0, |span| span.start);
    let message = plain(error.message());
    let field = fields.and_then(|fields| fields.at(place)).filter(|_| error.span().is_some());
    let message = match field.map(without_numbers) {
        Some(field) if !message.contains(" field `") => format!("`{field}`: {message}"),
        _ => message,
    };
    (line(text, place), message)
}

/// The number of the line with this byte, from 1.
fn line(text: &str, place: usize) -> usize {
    text.bytes().take(place).filter(|&byte| byte == b'\n').count() + 1
}

/// The message without Rust's names of types, on one line.
fn plain(message: &str) -> String {
    let whole = "a whole number within its bounds";
    let names = [("f64", "a number"), ("u8", whole), ("u32", whole), ("struct ", "the table ")];
    let plain = |text: String, (rust, name): (&str, &str)| {
        text.replace(&format!("expected {rust}"), &format!("expected {name}"))
    };
    names.into_iter().fold(message.replace('\n', "; "), plain)
}

#[cfg(test)]
mod tests;
