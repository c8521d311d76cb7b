//! The report as Markdown, for a pull request or a wiki: tables and sentences, one a line, no pictures.

mod table;

use domain::Route;

use super::text::explanations::{DECISION, MARKS, ROUTES, TERMS, TITLE};
use super::text::method_and_limits::{LIMITS, METHOD, VERDICTS};
use super::text::{runs, setting, verdict_text};
use crate::Criterion;
use crate::judgement::{Choice, Judgement, Mark, PairVerdict, PredictionOutcome, ScenarioVerdicts};
use crate::number::{count, short, value};
use crate::results::{Results, ScenarioResult};
use table::Head::{Number, Text};
use table::{Table, sentences, text};

/// The report; texts from scenario files are escaped.
pub fn markdown(results: &Results, judgement: &Judgement) -> String {
    let answers = judgement.choice.answers.iter().map(|answer| format!("- {}\n", text(answer)));
    let made = text(&runs::made(results));
    let mut page = format!("# {TITLE}\n\n{}\n{made}\n", answers.collect::<String>());
    if results.stopped {
        page += "\nThe comparison was stopped before its end.\nThe report has the runs that were finished.\n";
    }
    let own = runs::own_brokers(results);
    if !own.is_empty() {
        page += "\n## Brokers of one's own\n\n";
        page += &own.iter().map(|sentence| format!("- {}\n", text(sentence))).collect::<String>();
    }
    page += "\n## Routes\n\n";
    for (route, way) in ROUTES {
        page += &format!("- **{route}**: {way}\n");
    }
    page += &format!("\n{}", sentences(TERMS));
    page += &choice(&judgement.choice);
    page += &format!("\n## Predictions\n\n{}\n", verdict_text::tally(judgement));
    page += &wrong_predictions(judgement);
    page += "\n## Scenarios\n";
    for (result, verdicts) in results.scenarios.iter().zip(&judgement.scenarios) {
        page += &scenario(result, verdicts);
    }
    page + &end(results)
}

fn choice(choice: &Choice) -> String {
    let mut table =
        Table::new([Text("Criterion"), Number("http-push"), Number("http-poll"), Number("kafka"), Text("Scenario")]);
    for row in &choice.table {
        let cell = |route| {
            row.cells.get(route).map_or_else(
                || "–".to_owned(),
                |cell| {
                    let (word, sign) = verdict_text::mark(cell.mark);
                    let value = format!("{sign} {} ({word})", cell.value);
                    if cell.mark == Mark::Best { format!("**{value}**") } else { value }
                },
            )
        };
        let [push, poll, kafka] = Route::ALL.map(cell);
        let title = if row.is_reverse { "… the reverse".to_owned() } else { verdict_text::title(row.criterion) };
        table.row(&[title, push, poll, kafka, link(&row.scenario)]);
    }
    let marks = MARKS.map(|(mark, meaning)| format!("{} {meaning}", verdict_text::mark(mark).1)).join("; ");
    let mut page = format!("\n## Decision\n\n{}\n{table}\nThe signs: {marks}.\n\n## Choose\n\n", sentences(DECISION));
    for sentence in &choice.sentences {
        let mut evidence: Vec<_> = sentence.evidence.iter().map(|evidence| link(&evidence.scenario)).collect();
        evidence.dedup();
        page += &format!("- {}", sentences(&sentence.text).trim_end().replace('\n', "\n  "));
        page +=
            &if evidence.is_empty() { "\n".to_owned() } else { format!("\n  Scenarios: {}.\n", evidence.join(", ")) };
    }
    page
}

/// A link to the section of a scenario.
fn link(scenario: &str) -> String {
    let name = text(scenario);
    if scenario.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        format!("[{name}](#{name})")
    } else {
        name
    }
}

fn wrong_predictions(judgement: &Judgement) -> String {
    let mut table = Table::new(["Wrong in", "Criterion", "Predicted", "Outcome"].map(Text));
    for (scenario, verdict, best) in verdict_text::predicted(judgement, PredictionOutcome::Wrong) {
        let title = verdict.criterion.title().to_owned();
        table.row(&[link(scenario), title, verdict_text::best_routes(best), verdict_text::outcome(verdict)]);
    }
    if table.is_empty() { String::new() } else { format!("\n{table}") }
}

fn scenario(result: &ScenarioResult, verdicts: &ScenarioVerdicts) -> String {
    let scenario = &result.scenario;
    let mut page = format!("\n### {}\n\n{}\n", text(&scenario.name), sentences(&scenario.question));
    page += &format!("- Load: {}\n- Stack: {}\n", text(&setting::load(scenario)), text(&setting::stack(scenario)));
    for fault in &scenario.faults {
        page += &format!("- Fault: {}\n", text(&setting::fault(fault)));
    }
    if let Some(reader) = &scenario.second_reader {
        page += &format!("- Second reader: from second {}\n", short(reader.at));
    }
    page += &predictions(verdicts);
    page += &ledger(result);
    page += &verdict_table(verdicts);
    if !verdicts.why.is_empty() {
        page += &format!("\n**Why.**\n{}", verdicts.why.iter().map(|why| sentences(why)).collect::<String>());
    }
    page + &format!("\n**Lesson.**\n{}", sentences(&scenario.lesson))
}

fn predictions(verdicts: &ScenarioVerdicts) -> String {
    let mut table = Table::new(["Criterion", "Predicted before the runs", "Outcome", "The prediction was"].map(Text));
    for verdict in &verdicts.criteria {
        if let Some(prediction) = &verdict.prediction {
            let (word, sign) = verdict_text::result(prediction.outcome);
            let title = verdict.criterion.title().to_owned();
            let (predicted, outcome) = (verdict_text::best_routes(&prediction.best), verdict_text::outcome(verdict));
            table.row(&[title, predicted, outcome, format!("{sign} {word}")]);
        }
    }
    if table.is_empty() { "\nNothing was predicted.\n".to_owned() } else { format!("\n{table}") }
}

fn ledger(result: &ScenarioResult) -> String {
    let terms = || runs::TERMS.into_iter().filter(|(term, read)| runs::is_shown(result, term, *read));
    let mut table = Table::new([Text("Route")].into_iter().chain(terms().map(|(term, _)| Number(term))));
    for route in Route::ALL {
        let valid = || runs::valid_runs(result, route);
        if valid().next().is_some() {
            let sums = terms().map(|(_, read)| count(valid().map(|run| read(&run.ledger)).sum()));
            table.row(&[route.to_string()].into_iter().chain(sums).collect::<Vec<_>>());
        }
    }
    let mut page = if table.is_empty() { "\nThere is no valid run.\n".to_owned() } else { format!("\n{table}") };
    for (route, refusals) in runs::refusals(result) {
        page += &format!("\nRefusals on {route}, in all valid runs: {}.\n", text(&refusals));
    }
    page
}

fn verdict_table(verdicts: &ScenarioVerdicts) -> String {
    let pairs = verdict_text::pairs(verdicts);
    let titles: Vec<String> = pairs.iter().map(|(a, b)| format!("{a} against {b}")).collect();
    let heads = [Text("Criterion"), Text("Band"), Number("http-push"), Number("http-poll"), Number("kafka")];
    let mut table = Table::new(heads.into_iter().chain(titles.iter().map(|title| Number(title))));
    for verdict in verdict_text::telling(verdicts) {
        let criterion = verdict.criterion;
        let median = |route| {
            let summary = verdict.summaries.get(route);
            summary.map_or_else(|| "–".to_owned(), |summary| value(criterion, summary.median))
        };
        let mut cells = vec![verdict_text::title(criterion), verdict_text::band(criterion)];
        cells.extend(Route::ALL.map(median));
        cells.extend(pairs.iter().map(|&ends| {
            let pair = verdict.pairs.iter().find(|pair| (pair.a, pair.b) == ends);
            pair.map_or_else(|| "–".to_owned(), comparison)
        }));
        table.row(&cells);
    }
    let zeros = verdict_text::zeros(verdicts).map(|zeros| format!("\n{zeros}\n")).unwrap_or_default();
    format!("\n{table}{zeros}")
}

fn comparison(pair: &PairVerdict) -> String {
    let words = verdict_text::comparison(pair);
    let words = if verdict_text::winner(pair).is_some() { format!("**{words}**") } else { words };
    pair.effect.as_ref().map_or_else(|| words.clone(), |effect| format!("{words}, {}", verdict_text::effect(effect)))
}

fn end(results: &Results) -> String {
    let mut page = "\n## Void runs\n\n".to_owned();
    let void = runs::void_runs(results);
    for (scenario, run, reasons) in &void {
        page += &format!("- {}, {}, repetition {}: {}\n", text(scenario), run.route, run.repetition, text(reasons));
    }
    if void.is_empty() {
        page += "All runs are valid.\n";
    }
    page += "\n## Method\n\n";
    for sentence in METHOD.iter().chain(&VERDICTS) {
        page += &sentences(sentence);
    }
    page += "\n## Criteria\n\n";
    for criterion in Criterion::ALL {
        page += &format!("- {}: {}\n", verdict_text::title(criterion), criterion.meaning());
    }
    page += "\n## Machine, versions and command\n\n";
    for (name, fact) in runs::facts(results) {
        page += &format!("- {}: {}\n", text(&name), text(&fact));
    }
    page += "\n## Limits: what one machine cannot show\n\n";
    for (title, limit) in LIMITS {
        page += &format!("**{title}.**\n{}\n", sentences(limit));
    }
    page
}
