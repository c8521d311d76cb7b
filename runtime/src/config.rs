//! Configuration from flags and environment, read once; `--help` is the reference.

mod describe;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::admin::AdminConfig;

pub use describe::{DESCRIBE, describe};

/// The exit code for a bad command line or environment (`EX_USAGE` of sysexits.h).
pub const EXIT_USAGE: u8 = 64;

/// The options of every service.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Address to listen on; port 0 picks a free one
    #[arg(long, env = "ESE_LISTEN", default_value = "127.0.0.1:0", value_name = "IP:PORT")]
    pub listen: SocketAddr,
    /// Who may look, and whether a listener beyond this machine may be open.
    #[command(flatten)]
    pub admin: AdminConfig,
    /// Form of the log lines on standard error
    #[arg(long, env = "ESE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Which log lines, in the syntax of tracing's EnvFilter
    #[arg(long, env = "ESE_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,
    /// OpenTelemetry collector that gets the events' traces over OTLP/HTTP, such as http://127.0.0.1:4318; without it there are none
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL", value_parser = base_url)]
    pub otlp_endpoint: Option<String>,
    /// How long a stop may take, in seconds
    #[arg(long, env = "ESE_GRACE", default_value = "10", value_name = "SECONDS", value_parser = seconds)]
    pub grace: Duration,
    /// Ask the service that runs at --listen whether it is ready, and exit with 0 if it is
    #[arg(long)]
    pub probe: bool,
    /// File with faults to inject, such as {"event_delay_ms": 20}, read again whenever it changes; for experiments alone
    #[arg(long, env = "ESE_FAULT_FILE", value_name = "FILE")]
    pub fault_file: Option<PathBuf>,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// For machines, one object a line
    Json,
}

/// Reads the configuration. An error is the code to exit with; its message is already printed.
pub fn parse<C: Parser>() -> Result<C, ExitCode> {
    if std::env::args_os().nth(1).is_some_and(|first| first == DESCRIBE) {
        // A closed standard output is no reason to fail.
        drop(std::io::Write::write_all(&mut std::io::stdout(), describe(&C::command()).as_bytes()));
        return Err(ExitCode::SUCCESS);
    }
    C::try_parse().map_err(|error| {
        let usage = error.use_stderr();
        // A closed standard error is no reason to fail.
        drop(error.print());
        if usage { ExitCode::from(EXIT_USAGE) } else { ExitCode::SUCCESS }
    })
}

/// A number of seconds, as a clap value parser.
pub fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.0..=86_400.0 * 36_525.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("give a number of seconds such as 10 or 0.5, of a century at most".to_owned()),
    }
}

/// A mail address, as a clap value parser; the mailer checks it fully.
pub fn mail_address(text: &str) -> Result<String, String> {
    match text.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) => {
            Ok(text.to_owned())
        }
        _ => Err("give a mail address such as operator@example.com".to_owned()),
    }
}

/// `address` with `port` if it names none. An IPv6 address with a port has brackets.
pub fn with_port(address: &str, port: u16) -> String {
    match address.rfind(':') {
        None => format!("{address}:{port}"),
        Some(last) if address.find(':') == Some(last) || address[..last].ends_with(']') => address.to_owned(),
        Some(_) if address.starts_with('[') => format!("{address}:{port}"),
        Some(_) => format!("[{address}]:{port}"),
    }
}

/// An `http://` base URL without a slash at its end, as a clap value parser.
pub fn base_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").ok_or("give a URL that begins with http://")?;
    let host = rest.trim_end_matches('/');
    if host.is_empty() || host.contains(['/', ' ', '?', '#']) {
        return Err("give a URL such as http://127.0.0.1:8082, without a path".to_owned());
    }
    Ok(format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_a_port_where_it_has_none() {
        for (address, with) in [
            ("a", "a:9092"),
            ("a:1", "a:1"),
            ("10.0.0.7", "10.0.0.7:9092"),
            ("::1", "[::1]:9092"),
            ("[::1]", "[::1]:9092"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(with_port(address, 9092), with);
        }
    }

    #[test]
    fn a_base_url_may_have_an_ipv6_address() {
        assert_eq!(base_url("http://[::1]:8082/").as_deref(), Ok("http://[::1]:8082"));
        base_url("http://host/path").unwrap_err();
    }
}
