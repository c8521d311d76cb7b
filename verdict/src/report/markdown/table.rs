//! Tables and text in Markdown.

use std::fmt;

/// A table.
pub(super) struct Table {
    head: String,
    rows: String,
}

/// The head of a column.
pub(super) enum Head<'a> {
    /// Of text.
    Text(&'a str),
    /// Of numbers, which are right-aligned.
    Number(&'a str),
}

impl Table {
    /// A table with these heads.
    pub(super) fn new<'a>(heads: impl IntoIterator<Item = Head<'a>>) -> Self {
        let (mut names, mut lines) = ("|".to_owned(), "|".to_owned());
        for head in heads {
            let (name, line) = match head {
                Head::Text(name) => (name, "---"),
                Head::Number(name) => (name, "--:"),
            };
            names += &format!(" {name} |");
            lines += &format!(" {line} |");
        }
        Self { head: format!("{names}\n{lines}\n"), rows: String::new() }
    }

    /// Adds a row of texts that are escaped already.
    pub(super) fn row(&mut self, cells: &[String]) {
        self.rows += &format!("| {} |\n", cells.join(" | "));
    }

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.head)?;
        f.write_str(&self.rows)
    }
}

/// Text in one line, with every sign escaped that Markdown or HTML gives a meaning.
pub(super) fn text(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for sign in raw.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match sign {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '@' => escaped.extend(['\\', sign]),
            _ => escaped.push(sign),
        }
    }
    escaped
}

/// Text with one sentence a line.
pub(super) fn sentences(raw: &str) -> String {
    let mut lines = String::new();
    for word in text(raw).split(' ') {
        lines += word;
        lines.push(if word.ends_with(['.', '?', '!']) { '\n' } else { ' ' });
    }
    lines.truncate(lines.trim_end().len());
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_with_a_meaning_are_escaped() {
        assert_eq!(text("<b> a|b\n# *x* [y](z) `c`"), "&lt;b&gt; a\\|b \\# \\*x\\* \\[y\\](z) \\`c\\`");
    }

    #[test]
    fn a_sentence_is_a_line() {
        assert_eq!(sentences("One. Two 1.5 s?  Three"), "One.\nTwo 1.5 s?\nThree\n");
        assert_eq!(sentences(""), "\n");
    }
}
