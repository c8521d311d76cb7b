//! docs/configuration.md and .env.example, from the programs' lists of their options.

use anyhow::{Context, Result};

/// One option of a program or of one of its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    program: String,
    name: String,
    variable: String,
    default: String,
    meaning: String,
}

const HEAD: &str = "\
# Configuration

<!-- Written by `cargo xtask docs` from the programs' own definitions; change those. -->

Every option is a flag; where a variable stands beside it, the environment can give it as well, and the flag wins.
A switch in the environment is `true` or `false`.
A bad value is an error of one line, and the program ends with the exit code 64.
`--help` of each program shows the same.
";

/// Variables that are no options of a program.
const OTHERS: &str = "
## Set-up and tests

| variable | default | meaning |
|---|---|---|
| `ESE_TOOLS` | `$XDG_CACHE_HOME/ese`, else `~/.cache/ese` | Where `cargo xtask` keeps the tools it installs |
| `ESE_TEST_BROKER` |  | The Kafka broker for tests, HOST:PORT; `cargo xtask test` starts one and sets it |
| `ESE_TEST_POSTGRES` |  | The PostgreSQL server for tests, postgres://USER@HOST:PORT; `cargo xtask test` starts one and sets it |
| `ESE_TEST_BROWSER` | `chromium` | The browser of the tests: `chromium` or `firefox`; only `e2e/tests/tracker.rs` runs in both |
| `ESE_TEST_AXE` |  | The script of axe-core for the check of accessibility; `cargo xtask test` sets it |
| `ESE_TEST_SCHEMATHESIS` |  | A Python with schemathesis; `cargo xtask test` sets it |
| `ESE_TEST_COMPARE_JSON` |  | The page that compares the tracker's reader of JSON with serde_json; `cargo xtask test` builds it |
| `ESE_FUZZ_CASES` | `10000` | How many mutations `cargo test` tries for each parser |
";

/// Reads the lines that a program prints.
pub(super) fn read(lines: &str) -> Result<Vec<Setting>> {
    let line = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let mut next = || fields.next().with_context(|| format!("`{line}` is not the description of an option"));
        Ok(Setting { program: next()?, name: next()?, variable: next()?, default: next()?, meaning: next()? })
    };
    lines.lines().map(line).collect()
}

/// A table for each program and command.
pub(super) fn tables(options: &[Setting]) -> String {
    let mut text = HEAD.to_owned();
    let mut program = "";
    for option in options {
        if option.program != program {
            program = &option.program;
            text += &format!("\n## {program}\n\n| option | variable | default | meaning |\n|---|---|---|---|\n");
        }
        let code =
            |field: &str| if field.is_empty() { String::new() } else { format!("`{}`", field.replace('|', "\\|")) };
        let default = match option.default.as_str() {
            word @ ("off" | "required") => word.to_owned(),
            value => code(value),
        };
        let meaning = option.meaning.replace('|', "\\|");
        text += &format!("| {} | {} | {default} | {meaning} |\n", code(&option.name), code(&option.variable));
    }
    text + OTHERS
}

/// Every variable, commented out, with its meaning for each program.
pub(super) fn example(options: &[Setting]) -> String {
    let mut text =
        "# Every variable the programs read, by `cargo xtask docs`; docs/configuration.md has the same by program.\n\
                    # Copy this file to .env and remove the # before the variables that you want to set.\n"
            .to_owned();
    let mut done: Vec<&str> = Vec::new();
    for option in options.iter().filter(|option| !option.variable.is_empty()) {
        if done.contains(&option.variable.as_str()) {
            continue;
        }
        done.push(&option.variable);
        text += "\n";
        let same: Vec<&Setting> = options.iter().filter(|other| other.variable == option.variable).collect();
        let mut defaults: Vec<&str> = Vec::new();
        let mut written: Vec<&Setting> = Vec::new();
        for one in &same {
            if written.iter().any(|before| before.meaning == one.meaning && before.default == one.default) {
                continue;
            }
            written.push(one);
            let whose = same.iter().filter(|other| other.meaning == one.meaning && other.default == one.default);
            let whose: Vec<&str> = whose.map(|other| other.program.as_str()).collect();
            text += &format!("# {}: {}\n", whose.join(", "), one.meaning);
            if !one.default.is_empty() && !defaults.contains(&one.default.as_str()) {
                defaults.push(&one.default);
            }
        }
        let value = match defaults.as_slice() {
            ["off"] => "false",
            [one] if *one != "required" => one,
            _ => "",
        };
        if defaults.len() > 1 {
            text += &format!("# Default: {}\n", defaults.join(", "));
        }
        text += &format!("#{}={value}\n", option.variable);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "backend\t--listen <IP:PORT>\tESE_LISTEN\t127.0.0.1:0\tAddress\n\
                         backend\t--open\tESE_OPEN\toff\tA switch\n\
                         consumer\t--listen <IP:PORT>\tESE_LISTEN\t127.0.0.1:0\tAddress\n\
                         consumer\t--group <A|B>\tESE_GROUP\tconsumer\tGroup\n\
                         mailer\t--group <NAME>\tESE_GROUP\tmailer\tGroup\n\
                         ese up\t--port <PORT>\t\t8080\tPort\n";

    #[test]
    fn each_program_has_its_table() -> Result<()> {
        let text = tables(&read(LINES)?);
        assert_eq!(text.matches("\n## ").count(), 5, "four programs, and the rest");
        assert!(text.contains("| `--open` | `ESE_OPEN` | off | A switch |"));
        assert!(text.contains("| `--group <A\\|B>` | `ESE_GROUP` | `consumer` | Group |"));
        assert!(text.contains("| `--port <PORT>` |  | `8080` | Port |"));
        Ok(())
    }

    #[test]
    fn each_variable_stands_once() -> Result<()> {
        let text = example(&read(LINES)?);
        assert!(text.contains("\n# backend, consumer: Address\n#ESE_LISTEN=127.0.0.1:0\n"), "{text}");
        assert!(text.contains("\n# backend: A switch\n#ESE_OPEN=false\n"), "{text}");
        assert!(
            text.contains("\n# consumer: Group\n# mailer: Group\n# Default: consumer, mailer\n#ESE_GROUP=\n"),
            "{text}"
        );
        assert!(!text.contains("8080"));
        Ok(())
    }

    #[test]
    fn a_line_with_too_few_fields_is_refused() {
        assert!(read("backend\t--listen").is_err());
    }
}
