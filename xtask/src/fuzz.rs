//! `cargo xtask fuzz`: the long form of the fuzz tests, libFuzzer on each parser of outside input.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::step;
use crate::workspace::{cargo, command, output, root, target_dir};

/// How many inputs each parser gets.
const INPUTS: &str = "1000000";

/// The coverage that libFuzzer follows, as cargo-fuzz has it; a stable compiler has these flags. The sanitizers would need a
/// nightly one, and this code has no `unsafe`.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// One input may take 10 seconds, and the whole process 1 GB; `fuzz` itself has a closer bound on memory.
const LIMITS: [&str; 4] = ["-max_len=8192", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"];

/// Tries the parsers with these names, or all; `--runs N` sets how many inputs each gets.
pub(crate) fn run(args: &[String]) -> Result<()> {
    let (mut names, mut runs) = (Vec::new(), INPUTS);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--runs" => runs = args.next().context("--runs needs a number")?,
            name => names.push(name.to_owned()),
        }
    }
    let corpus = root().join("fuzz/corpus");
    if names.is_empty() {
        let entries = fs::read_dir(&corpus)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names = entries.collect::<Result<_>>()?;
        names.sort();
    }
    // With a target, the flags are only for this code, not for build scripts.
    let rustc = output(command("rustc").arg("-vV"))?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not name its host")?;
    let home = target_dir()?.join("fuzz");
    let mut build = cargo();
    build.args(["build", "-p", "fuzz", "--features", "libfuzzer", "--profile", "fuzz", "--target", host]);
    build.env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", &home);
    step::step("fuzz: cargo build", || step::run(&mut build))?;
    let program = home.join(host).join("fuzz/fuzz");
    for name in names {
        if !corpus.join(&name).is_dir() {
            bail!("there is no parser `{name}`: its first inputs would be in fuzz/corpus/{name}");
        }
        // New inputs go into the first directory.
        let found = home.join("corpus").join(&name);
        fs::create_dir_all(&found)?;
        let mut fuzz = command(&program);
        fuzz.args(LIMITS).arg(format!("-runs={runs}")).arg(format!("-artifact_prefix={}/{name}-", home.display()));
        fuzz.arg(found).arg(corpus.join(&name)).env("ESE_FUZZ_TARGET", &name);
        step::step(&format!("fuzz {name}: {runs} inputs"), || step::run(&mut fuzz))?;
    }
    Ok(())
}
