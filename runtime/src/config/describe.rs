//! The options of a program as lines for the documentation, from the definitions that `--help` shows.

use clap::{Arg, ArgAction, Command};

/// The first argument that makes a program print its options.
pub const DESCRIBE: &str = "--describe-options";

/// One line for each option of the program and its commands. The fields, between tabs: program and command, option,
/// environment variable, default, meaning.
pub fn describe(command: &Command) -> String {
    let mut lines = Vec::new();
    collect(command, command.get_name(), &mut lines);
    lines.concat()
}

fn collect(command: &Command, path: &str, lines: &mut Vec<String>) {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    lines.extend(shown.map(|arg| line(path, arg)));
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        collect(command, &format!("{path} {}", command.get_name()), lines);
    }
}

fn line(path: &str, arg: &Arg) -> String {
    let takes_value = arg.get_action().takes_values();
    let named = arg.get_value_names().map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let value = format!("<{}>", named.unwrap_or_else(|| arg.get_id().as_str().to_uppercase()));
    let option = match arg.get_long() {
        Some(long) if takes_value => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value,
    };
    let variable = arg.get_env().unwrap_or_default().to_string_lossy().into_owned();
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = match arg.get_action() {
        ArgAction::SetTrue => "off".to_owned(),
        _ if arg.is_required_set() => "required".to_owned(),
        _ => default.join(","),
    };
    let mut meaning = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let choices: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if takes_value && !choices.is_empty() {
        meaning += &format!(": {}", choices.join(", "));
    }
    let fields = [path, &option, &variable, &default, &meaning].map(|field| field.replace(['\t', '\n'], " "));
    fields.join("\t") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// A program with an option of each sort.
    #[derive(clap::Parser)]
    #[command(name = "program")]
    struct Config {
        /// The options of every service
        #[command(flatten)]
        common: crate::config::Common,
        /// A switch
        #[arg(long, env = "ESE_SWITCH")]
        switch: bool,
        /// A place
        place: String,
    }

    #[test]
    fn every_option_has_its_line() {
        let lines = describe(&Config::command());
        assert!(
            lines.contains("program\t--listen <IP:PORT>\tESE_LISTEN\t127.0.0.1:0\tAddress to listen on"),
            "{lines}"
        );
        assert!(lines.contains("program\t--log-format <LOG_FORMAT>\tESE_LOG_FORMAT\ttext\t"), "{lines}");
        assert!(lines.contains(": text, json\n"), "{lines}");
        assert!(lines.contains("program\t--switch\tESE_SWITCH\toff\tA switch\n"), "{lines}");
        assert!(lines.contains("program\t<PLACE>\t\trequired\tA place\n"), "{lines}");
        assert_eq!(lines.lines().count(), Config::command().get_arguments().count());
    }
}
