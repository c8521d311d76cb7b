//! Smaller files: short names for what only the program and its glue share, and no text that no browser reads.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

/// The glue, with numbers in the place of the names of `imports`, without comments and indentation.
pub(crate) fn script(glue: &str, imports: &[String]) -> Result<String> {
    let mut numbers: BTreeMap<&str, usize> = imports.iter().map(String::as_str).zip(0..).collect();
    let mut script = String::new();
    for line in glue.lines().map(str::trim_start) {
        let is_comment = ["//", "/*", "*"].iter().any(|start| line.starts_with(start));
        if line.is_empty() || is_comment {
            continue;
        }
        let name = line.split_once(": function(").and_then(|(name, rest)| Some((numbers.remove(name)?, rest)));
        match name {
            Some((number, rest)) => script += &format!("{number}: function({rest}\n"),
            None => script += &format!("{line}\n"),
        }
    }
    ensure!(numbers.is_empty(), "the glue does not define these imports: {numbers:?}");
    Ok(script)
}

/// Style sheets without comments and indentation.
pub(crate) fn styles(sheets: &str) -> String {
    let mut parts = sheets.split("/*");
    let first = parts.next().unwrap_or_default();
    let others = parts.filter_map(|part| Some(part.split_once("*/")?.1));
    let text: String = [first].into_iter().chain(others).collect();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_have_short_names_on_both_sides() {
        let glue = "    /**\n     *\n     * @param {any} a\n     */\n    const all = {\n        __wbg_a_01: function(a) {\n            // Once.\n            return a;\n        },\n    };\n";
        let script = script(glue, &["__wbg_a_01".to_owned()]).unwrap();
        assert_eq!(script, "const all = {\n0: function(a) {\nreturn a;\n},\n};\n");
    }

    #[test]
    fn an_import_without_glue_is_an_error() {
        script("const all = {};\n", &["__wbg_a_01".to_owned()]).unwrap_err();
    }

    #[test]
    fn styles_lose_only_what_says_nothing() {
        let sheets = "/* One. */\na {\n    color: red; /* Two\n lines. */\n}\n\nb > i { top: 0 }\n";
        assert_eq!(styles(sheets), "a {\ncolor: red;\n}\nb > i { top: 0 }\n");
    }
}
