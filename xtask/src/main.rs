//! `cargo xtask`: sets up what a fresh machine lacks, then builds, starts and tests the project.

mod bench;
mod broker;
mod ci;
mod compose_test;
mod docs;
mod frames;
mod frontend_build;
mod fuzz;
mod postgres;
mod setup;
mod step;
mod test;
mod tidy;
mod tools;
mod trackers;
mod up;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
Sets up what this machine lacks, then builds, starts and tests the project.

Usage: cargo xtask <command>

  up [args…]                  build everything, start it, print one address; the args go to `ese up`:
                              --port N, --data-dir DIR, --broker B, --no-frontend (leaves the page out)
  page                        build the page into dist/
  serve [args…]               the page with live reload (trunk serve); run `up --no-frontend` beside it
  test [--broker B] [args…]   start a broker and a PostgreSQL, run all tests; the args go to `cargo test`
  frames [args…]              how smoothly a page runs in Chromium under load:
                              --page /live, --rate 1000, --seconds 30, --width 1440, --target URL
  bench [args…]               the speed of each route beside the limits of this machine; the args go to `ese bench`:
                              --quick, --against URL, --out DIR, --ratios (only against the published ratios)
  trackers [args…]            our tracker and others under the same losses in Chromium: --repetitions 3
  fuzz [parser…] [--runs N]   libFuzzer on the parsers of outside input, 1,000,000 inputs each; needs a C++ compiler
  ci                          formatting, lints, tidiness, then all tests: what .ci/run calls
  docs [--check]              write what docs/ and .env.example take from the code; --check: only compare
  compose-test                docker-compose.yml on a Docker engine of its own, with stand-ins for what cannot be
                              pulled; needs root and Debian, half an hour the first time
  tidy                        only the check of the project's own rules about its files
  setup [what…]               only the tools: page (with trunk), broker, apache, nisshi, browser, postgres,
                              schemathesis, all of these (default: page broker), trackers

Broker B is auto (default), apache, nisshi or HOST:PORT.
The tools live in $ESE_TOOLS, else $XDG_CACHE_HOME/ese, else ~/.cache/ese; `cargo clean` leaves them alone.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> anyhow::Result<ExitCode> {
    let Some((command, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    // Shown here, because building the programs below only for their help takes a quarter of an hour.
    let asks_for_help = |arg: &String| arg == "--help" || arg == "-h";
    if command != "serve" && args.iter().take_while(|arg| *arg != "--").any(asks_for_help) {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    }
    match command.as_str() {
        "help" => print!("{USAGE}"),
        "up" => up::run(rest)?,
        "page" => frontend_build::build()?,
        "serve" => frontend_build::serve(rest)?,
        "setup" => setup::run(rest)?,
        "frames" => frames::run(rest)?,
        "fuzz" => fuzz::run(rest)?,
        "bench" => bench::run(rest)?,
        "trackers" => trackers::run(rest)?,
        "test" => return test::run(rest),
        "ci" => return ci::run(),
        "docs" => docs::run(rest.iter().any(|arg| arg == "--check"))?,
        "compose-test" => compose_test::run()?,
        "tidy" => tidy::run()?,
        other => {
            eprintln!("error: there is no command `{other}`\n\n{USAGE}");
            return Ok(ExitCode::from(64));
        }
    }
    Ok(ExitCode::SUCCESS)
}
