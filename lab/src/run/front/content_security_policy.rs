//! The content security policy of index.html: our own scripts, WebAssembly, and the inline scripts in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy for `html`. An inline script starts the page; it is allowed by its hash.
pub(super) fn policy(html: &str) -> String {
    let hashes: String = inline_scripts(html).map(|script| format!(" 'sha256-{}'", hash(script))).collect();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn hash(script: &str) -> String {
    // A browser hashes what it parsed, and a parser of HTML turns every line end into a line feed.
    let script = script.replace("\r\n", "\n").replace('\r', "\n");
    STANDARD.encode(Sha256::digest(script.as_bytes()))
}

/// The text between `<script …>` and `</script>`, where the tag has no source.
fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        let inline = !tag.split_ascii_whitespace().any(|attribute| attribute.starts_with("src="));
        inline.then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_are_allowed_by_their_hash() {
        let html = "<html><script type=\"module\">alert('Hello, world.');</script><script src=\"/a.js\"></script>";
        let policy = policy(html);
        // The example of the specification, Content Security Policy Level 3.
        assert!(policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
        assert_eq!(policy.matches("sha256-").count(), 1);
    }

    #[test]
    fn line_ends_are_hashed_as_a_browser_does() {
        assert_eq!(hash("a\r\nb"), hash("a\nb"));
    }

    #[test]
    fn without_inline_scripts_there_is_no_hash() {
        assert!(policy("<p>hi</p>").contains("script-src 'self' 'wasm-unsafe-eval';"));
    }
}
