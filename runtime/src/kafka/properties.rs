//! The text of a properties file, as Java reads it.

/// Why a line is no setting. It never has a part of the line, which may be a secret.
const NO_SETTING: &str = "is not KEY=VALUE";
const BAD_ESCAPE: &str = r"has a backslash that begins no escape; write \\ for a backslash";

/// The settings in `text`, in their order; an error names the line.
///
/// A line is `KEY=VALUE`, with `:` or space in place of `=` as well; `#` or `!` begins a comment. A backslash at the end of a
/// line continues it, and elsewhere it begins `\t`, `\n`, `\r`, `\f`, `\uXXXX` or one of `\ = : # !` and space.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut settings = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut line = line.to_owned();
        while is_continued(&line) {
            line.pop();
            let Some((_, next)) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        settings.push(setting(line.trim_end()).map_err(|why| format!("line {number} {why}"))?);
    }
    Ok(settings)
}

/// The text of a properties file with these settings.
pub fn text<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in settings {
        text.push_str(key);
        text.push('=');
        for c in value.chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                c if c.is_whitespace() => text.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => text.push(c),
            }
        }
        text.push('\n');
    }
    text
}

/// Whether the line ends with a backslash that is not escaped itself.
fn is_continued(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn setting(line: &str) -> Result<(String, String), &'static str> {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && (c == '=' || c == ':' || c.is_whitespace());
        escaped = c == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.filter(|end| *end > 0).ok_or(NO_SETTING)?);
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
    Ok((unescaped(key)?, unescaped(value)?))
}

fn unescaped(text: &str) -> Result<String, &'static str> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        plain.push(match chars.next() {
            Some('t') => '\t',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('f') => '\u{c}',
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                code.and_then(char::from_u32).ok_or(BAD_ESCAPE)?
            }
            Some(c @ ('\\' | '=' | ':' | '#' | '!' | ' ')) => c,
            _ => return Err(BAD_ESCAPE),
        });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_file_is_read_as_java_reads_it() {
        let text = "# a comment\n\n  ! another\nsecurity.protocol=SASL_SSL\r\n  sasl.username : me \nacks all\n\
                    sasl.password=a=b:c#d!\nbootstrap.servers=a:1,\\\n    b:2\nempty=\n";
        assert_eq!(
            read(text),
            [
                pair("security.protocol", "SASL_SSL"),
                pair("sasl.username", "me"),
                pair("acks", "all"),
                pair("sasl.password", "a=b:c#d!"),
                pair("bootstrap.servers", "a:1,b:2"),
                pair("empty", ""),
            ]
        );
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(read(r"ssl.ca.pem=one\ntwo\u0041\\\=\ x"), [pair("ssl.ca.pem", "one\ntwoA\\= x")]);
        assert_eq!(read("a\\=b=c\nd=e\\\\\nf=g\\"), [pair("a=b", "c"), pair("d", "e\\"), pair("f", "g")]);
    }

    #[test]
    fn an_error_names_the_line_and_shows_nothing_of_it() {
        for (text, error) in [
            ("a=b\nhunter2", "line 2 is not KEY=VALUE"),
            ("=hunter2", "line 1 is not KEY=VALUE"),
            ("a=b\\\nc\nhunter2", "line 3 is not KEY=VALUE"),
            (r"sasl.password=hunter\2", "line 1 has a backslash that begins no escape"),
            (r"sasl.password=hunter\u00zz", "line 1 has a backslash that begins no escape"),
        ] {
            let found = parse(text).unwrap_err();
            assert!(found.starts_with(error) && !found.contains("hunter"), "{found}");
        }
    }
}
