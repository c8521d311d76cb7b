//! `ese disk`: what takes how much in the databases of a running stack, as a table.

use std::process::ExitCode;

use anyhow::ensure;
use domain::api::{DiskView, Kept};
use futures_util::future::join_all;

use super::access::{self, AccessArgs};
use super::wire::Wire;
use crate::terminal;

/// The services with a database.
const SERVICES: [&str; 3] = ["backend", "consumer", "mailer"];

/// The flags of `ese disk`.
#[derive(Clone, Debug, clap::Args)]
pub struct DiskArgs {
    /// The stack
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL", value_parser = runtime::config::base_url)]
    pub url: String,
    /// The admin token.
    #[command(flatten)]
    pub access: AccessArgs,
}

/// Prints each service's database and what is in it; the exit code is 0 if every service has answered.
pub async fn run(args: DiskArgs) -> anyhow::Result<ExitCode> {
    let wire = Wire::with(&args.url, None, args.access.headers()?)?;
    let answers = join_all(SERVICES.map(|service| {
        let wire = &wire;
        async move { (service, wire.get::<DiskView>(&format!("/api/disk/{service}")).await) }
    }));
    let (mut views, mut missing) = (Vec::new(), Vec::new());
    for (service, answer) in answers.await {
        match answer {
            Ok(view) => views.push((service, view)),
            Err(error) => {
                error.status().map_or(Ok(()), access::check)?;
                missing.push(format!("The {service} does not answer: {error}."));
            }
        }
    }
    missing.iter().for_each(|line| terminal::err(line));
    ensure!(!views.is_empty(), "no stack answers at {}; start one with `ese up`, or name it with --url", args.url);
    terminal::out(&table(&views));
    Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(views: &[(&str, DiskView)]) -> String {
    let mut lines =
        vec![format!("{:<28} {:>12} {:>12} {:>12} {:>8}  {:>10}", "", "rows", "MiB", "at most", "full", "kept for")];
    for (service, view) in views {
        let free = view.free_bytes.map_or_else(String::new, |free| format!(", {} of them free", mebibytes(free)));
        lines.push(format!("{service}: {} MiB on the disk{free}", mebibytes(view.database_bytes)));
        lines.extend(view.kept.iter().map(line));
    }
    lines.join("\n")
}

fn line(Kept { what, rows, bytes, most_bytes, ttl_seconds }: &Kept) -> String {
    let full = 100.0 * *bytes as f64 / (*most_bytes).max(1) as f64;
    let (mebibytes, most) = (mebibytes(*bytes), mebibytes(*most_bytes));
    format!("  {what:<26} {rows:>12} {mebibytes:>12} {most:>12} {full:>6.1} %  {:>10}", time(*ttl_seconds))
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

/// In the largest unit of which it is a multiple.
fn time(seconds: u64) -> String {
    let units = [(86_400, "d"), (3600, "h"), (60, "min")];
    let unit = units.into_iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{seconds} s"), |(unit, name)| format!("{} {name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_stand_under_their_names() {
        let kept = |what: &str, rows, ttl_seconds| Kept {
            what: what.to_owned(),
            rows,
            bytes: 3 << 19,
            most_bytes: 64 << 20,
            ttl_seconds,
        };
        let (store, books) = (vec![kept("stored-pages", 7, 600)], vec![kept("ledgers", 1234, 2_592_000)]);
        let store = DiskView { database_bytes: 5 << 20, free_bytes: Some(1 << 20), kept: store };
        let books = DiskView { database_bytes: 9 << 20, free_bytes: None, kept: books };
        let table = table(&[("backend", store), ("consumer", books)]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[1], "backend: 5.0 MiB on the disk, 1.0 of them free");
        assert_eq!(lines[3], "consumer: 9.0 MiB on the disk");
        for (name, store, books) in [("rows", "7", "1234"), ("MiB", "1.5", "1.5"), ("at most", "64.0", "64.0")] {
            let end = lines[0].find(name).unwrap() + name.len();
            assert!(lines[2][..end].ends_with(store) && lines[4][..end].ends_with(books), "{name}\n{table}");
        }
        assert!(lines[2].ends_with("2.3 %      10 min") && lines[4].ends_with("2.3 %        30 d"), "{table}");
    }

    #[test]
    fn times_have_their_largest_unit() {
        let seconds = [0, 59, 60, 90, 7200, 86_400, 604_800];
        assert_eq!(seconds.map(time), ["0 s", "59 s", "1 min", "90 s", "2 h", "1 d", "7 d"]);
    }
}
