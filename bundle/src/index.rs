//! index.html: trunk's own links in it become those of the page.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// The one style sheet of the page: all of the source's, in their order.
pub(crate) const STYLES: &str = "page.css";

const STYLE: &str = "<link data-trunk rel=\"css\" href=\"";
const COPY: &str = "<link data-trunk rel=\"copy-file\" href=\"";
const PROGRAM: &str = "<link data-trunk rel=\"rust\"";

/// The style sheets that the source of index.html names, relative to it.
pub(crate) fn styles(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| file(line, STYLE))
}

/// The files that are copied under their own names, relative to the source of index.html.
pub(crate) fn copies(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| file(line, COPY))
}

fn file<'a>(line: &'a str, link: &str) -> Option<&'a str> {
    line.trim().strip_prefix(link)?.split('"').next()
}

/// index.html for the program `name`, with the names of the files in `dist` by their own.
pub(crate) fn html(source: &str, name: &str, names: &BTreeMap<String, String>) -> Result<String> {
    let of = |file: &str| names.get(file).with_context(|| format!("{file} is missing"));
    let mut html = String::new();
    let first = source.lines().position(|line| file(line, STYLE).is_some());
    for (number, line) in source.lines().enumerate() {
        if first == Some(number) {
            html += &format!("    <link rel=\"stylesheet\" href=\"/{}\">\n", of(STYLES)?);
        } else if file(line, STYLE).is_some() {
            // The one style sheet has it, too.
        } else if line.trim().starts_with(PROGRAM) {
            html += &program(of(&format!("{name}.js"))?, of(&format!("{name}_bg.wasm"))?);
        } else if file(line, COPY).is_some() {
            // The page does not need this file; others fetch it by its name.
        } else if line.contains("data-trunk") {
            bail!("index.html has a link that the bundle does not support: {}", line.trim());
        } else {
            html += line;
            html.push('\n');
        }
    }
    Ok(html)
}

/// Both files are fetched at once. The event at the end is trunk's.
fn program(script: &str, wasm: &str) -> String {
    format!(
        r#"    <link rel="modulepreload" href="/{script}">
    <link rel="preload" href="/{wasm}" as="fetch" type="application/wasm" crossorigin>
    <script type="module">
        import start from "/{script}";
        const wasm = await start({{ module_or_path: "/{wasm}" }});
        dispatchEvent(new CustomEvent("TrunkApplicationStarted", {{ detail: {{ wasm }} }}));
    </script>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "<head>\n  <link data-trunk rel=\"css\" href=\"styles/common.css\">\n  \
                          <link data-trunk rel=\"css\" href=\"styles/live.css\">\n  \
                          <link data-trunk rel=\"copy-file\" href=\"preview.png\">\n  <link data-trunk rel=\"rust\" data-bin=\"page\">\n</head>\n";

    fn names(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(file, name)| ((*file).to_owned(), (*name).to_owned())).collect()
    }

    #[test]
    fn the_page_links_to_files_with_hashes() {
        assert_eq!(styles(SOURCE).collect::<Vec<_>>(), ["styles/common.css", "styles/live.css"]);
        assert_eq!(copies(SOURCE).collect::<Vec<_>>(), ["preview.png"]);
        let names = names(&[(STYLES, "page-1.css"), ("page.js", "page-2.js"), ("page_bg.wasm", "page_bg-3.wasm")]);
        let html = html(SOURCE, "page", &names).unwrap();
        assert_eq!(html.matches("<link rel=\"stylesheet\" href=\"/page-1.css\">").count(), 1, "{html}");
        assert_eq!(html.matches("css").count(), 1, "{html}");
        assert!(html.contains("import start from \"/page-2.js\""), "{html}");
        assert!(html.contains("module_or_path: \"/page_bg-3.wasm\""), "{html}");
        assert!(html.starts_with("<head>\n") && html.ends_with("</head>\n") && !html.contains("data-trunk"), "{html}");
    }

    #[test]
    fn a_link_that_only_trunk_supports_is_an_error() {
        html("<link data-trunk rel=\"copy-dir\" href=\"images\">\n", "page", &BTreeMap::new()).unwrap_err();
        html(SOURCE, "page", &BTreeMap::new()).unwrap_err();
    }
}
