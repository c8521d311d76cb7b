//! Both forms of the report about synthetic results.

mod sample;

use domain::Route;
use verdict::judgement::PredictionOutcome;
use verdict::report::{decision, html, markdown};
use verdict::results::{LeftOut, OwnBrokers};
use verdict::{Criterion, Judgement, Results};

/// A text that breaks out of HTML's elements and attributes and of Markdown's tables.
const EVIL: &str = "<img src=x onerror=y>\" onload=\"z' & |\n# *bold*";

fn small() -> (Results, Judgement) {
    let mut results = sample::results(3, 5);
    results.scenarios.drain(..2);
    let judgement = verdict::judge(&results);
    (results, judgement)
}

/// The page without its styles, an element a line.
fn body(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap_or((page, ""));
    let (_, rest) = rest.split_once("</style>").unwrap_or_default();
    format!("{head}{rest}").replace("><", ">\n<")
}

#[test]
fn a_small_report_stays_as_it_is() {
    let (results, mut judgement) = small();
    // The words of the judge have tests of their own.
    judgement.choice.answers = vec!["The answer.".to_owned()];
    judgement.choice.sentences.truncate(2);
    for sentence in &mut judgement.choice.sentences {
        sentence.text = "A sentence.".to_owned();
    }
    judgement.scenarios[0].why = vec!["A reason.".to_owned(), "Another one.".to_owned()];
    insta::assert_snapshot!("html", body(&html(&results, &judgement)));
    insta::assert_snapshot!("markdown", markdown(&results, &judgement));
    assert_eq!(html(&results, &judgement), html(&results.clone(), &judgement.clone()));
}

#[test]
fn each_scenario_criterion_and_void_run_is_there() {
    let results = sample::results(8, 5);
    let judgement = verdict::judge(&results);
    for report in [html(&results, &judgement), markdown(&results, &judgement)] {
        for result in &results.scenarios {
            assert!(report.contains(&result.scenario.name), "{}", result.scenario.name);
            let words = result.scenario.question.split(['.', '?']).next().unwrap();
            assert!(report.contains(words), "{words}");
        }
        for criterion in Criterion::ALL.into_iter().filter(|&criterion| criterion != Criterion::MissedHistory) {
            let times = report.matches(criterion.title()).count();
            assert!(times > results.scenarios.len(), "{} is there {times} times", criterion.title());
        }
        let times = report.matches(Criterion::MissedHistory.title()).count();
        assert_eq!(times, 1, "it was not measured, and stands in the list of all criteria alone");
        assert!(report.contains("the generator was late: 99 % of its events within 31 ms"));
        assert!(report.contains("ese compare --reps 5 --seed 7"));
    }
}

#[test]
fn brokers_that_run_elsewhere_are_named_with_what_is_missing() {
    let mut results = sample::results(8, 5);
    let left = LeftOut { scenario: "broker-restart".to_owned(), why: "it needs command of the broker".to_owned() };
    results.own_brokers = Some(OwnBrokers { left_out: vec![left] });
    let unmeasured = [Criterion::Cpu, Criterion::Memory, Criterion::Disk, Criterion::Startup];
    for run in results.scenarios.iter_mut().flat_map(|result| &mut result.runs) {
        run.values.retain(|criterion, _| run.route != Route::Kafka || !unmeasured.contains(criterion));
    }
    let judgement = verdict::judge(&results);
    let cpu = judgement.verdict(&results.scenarios[0].scenario.name, Criterion::Cpu).unwrap();
    let [pair] = &cpu.pairs[..] else { panic!("{:?}", cpu.pairs) };
    assert_eq!((pair.a, pair.b), (Route::HttpPush, Route::HttpPoll));
    for report in [html(&results, &judgement), markdown(&results, &judgement)] {
        assert!(report.contains("broker-restart was left out: it needs command of the broker."));
        assert!(report.contains("were not measured, so these criteria have no value for kafka"));
    }
}

#[test]
fn a_wrong_prediction_is_shown_as_wrong() {
    let (results, mut judgement) = small();
    let set = |judgement: &mut Judgement, outcome| {
        for verdict in &mut judgement.scenarios[0].criteria {
            if let Some(prediction) = &mut verdict.prediction {
                prediction.outcome = outcome;
            }
        }
    };
    set(&mut judgement, PredictionOutcome::Wrong);
    assert_eq!(body(&html(&results, &judgement)).matches("data-result=\"wrong\"").count(), 3);
    assert_eq!(markdown(&results, &judgement).matches("✗ wrong |").count(), 3);
    set(&mut judgement, PredictionOutcome::Right);
    assert_eq!(body(&html(&results, &judgement)).matches("data-result=\"wrong\"").count(), 0);
    assert_eq!(markdown(&results, &judgement).matches("✗ wrong |").count(), 0);
}

/// Results and a judgement whose texts are all evil, and how many such texts a report must show at least.
fn evil() -> (Results, Judgement, usize) {
    let (mut results, _) = small();
    let scenario = &mut results.scenarios[0].scenario;
    for text in [&mut results.command, &mut results.began, &mut results.machine.processor, &mut results.machine.system]
    {
        *text = EVIL.to_owned();
    }
    let fault = &mut scenario.faults[0];
    for text in [&mut scenario.name, &mut scenario.question, &mut scenario.lesson, &mut fault.kind, &mut fault.part] {
        *text = EVIL.to_owned();
    }
    results.versions = [(EVIL.to_owned(), EVIL.to_owned())].into();
    for run in &mut results.scenarios[0].runs {
        run.refusals = [(EVIL.to_owned(), 1)].into();
        run.faults[0].kind = EVIL.to_owned();
        run.faults[0].part = EVIL.to_owned();
    }
    results.scenarios[0].runs[0].void = vec![EVIL.to_owned()];
    let mut judgement = verdict::judge(&results);
    judgement.scenarios[0].why = vec![EVIL.to_owned()];
    judgement.choice.answers = vec![EVIL.to_owned()];
    judgement.choice.sentences[0].text = EVIL.to_owned();
    judgement.choice.sentences[0].evidence[0].scenario = EVIL.to_owned();
    for row in &mut judgement.choice.table {
        row.scenario = EVIL.to_owned();
    }
    (results, judgement, 25)
}

#[test]
fn no_text_gets_out_of_its_place() {
    let (results, judgement, texts) = evil();
    let page = html(&results, &judgement);
    assert!(page.matches("&lt;img src=x onerror=y&gt;").count() >= texts);
    assert!(!page.contains("<img"));
    assert!(!page.contains("\" onload"), "an attribute was left");
    let page = markdown(&results, &judgement);
    assert!(page.matches("&lt;img src=x onerror=y&gt;").count() >= texts);
    assert!(!page.contains("<img"));
    assert!(!page.contains("\n# \\*bold\\*") && !page.contains("*bold*"), "a line or an emphasis began");
    assert_eq!(page.matches("& |").count(), 0, "a cell ended");
}

#[test]
fn the_page_needs_no_script_and_no_other_file() {
    let (results, judgement) = small();
    let page = html(&results, &judgement);
    for word in ["<script", "<link", "<iframe", "<img", "url(", "@import", "http:", "https:"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn each_link_leads_to_a_place_on_the_page() {
    let results = sample::results(8, 2);
    let page = html(&results, &verdict::judge(&results));
    let links: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 40, "{links:?}");
    for link in links {
        assert_eq!(page.matches(&format!("id=\"{link}\"")).count(), 1, "{link}");
    }
}

#[test]
fn the_decision_table_alone_has_links_to_another_place() {
    let (results, judgement) = small();
    let table = decision(&judgement.choice.table, "/compare/");
    assert!(table.contains("<a href=\"/compare/"), "{table}");
    assert!(html(&results, &judgement).contains(&table.replace("/compare/", "#scenario-")));
    let (_, judgement, _) = evil();
    assert!(!decision(&judgement.choice.table, "/compare/").contains("<img"));
}

#[test]
fn a_report_about_nothing_says_so() {
    let (mut results, _) = small();
    results.stopped = true;
    for run in &mut results.scenarios[0].runs {
        run.void = vec!["the machine was busy".to_owned()];
    }
    let judgement = verdict::judge(&results);
    let texts = [html(&results, &judgement), markdown(&results, &judgement)];
    for text in &texts {
        assert!(text.contains("There is no valid run."), "{text}");
        assert!(text.contains("was stopped before its end"), "{text}");
    }
    results.scenarios.clear();
    let judgement = verdict::judge(&results);
    assert!(html(&results, &judgement).contains("0 scenarios"));
    assert!(markdown(&results, &judgement).contains("0 scenarios"));
}
