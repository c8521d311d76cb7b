//! Writes the report of synthetic results, to look at it: `cargo run -p verdict --example sample_report -- DIRECTORY SCENARIOS`.

#[path = "../tests/report/sample.rs"]
mod sample;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = std::path::PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let scenarios = arguments.next().and_then(|number| number.parse().ok()).unwrap_or(22);
    std::fs::create_dir_all(&directory)?;
    let results = sample::results(scenarios, 5);
    let judgement = verdict::judge(&results);
    std::fs::write(directory.join("report.html"), verdict::report::html(&results, &judgement))?;
    std::fs::write(directory.join("report.md"), verdict::report::markdown(&results, &judgement))
}
