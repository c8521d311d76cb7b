//! `bundle WASM INDEX DIST`: makes the files of the page from its compiled Wasm, as `trunk build` would.
//!
//! trunk has ten times as many dependencies, for work that this page does not need. It is left to `cargo xtask serve`.

mod index;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [wasm, html, dist] = &arguments[..] else { bail!("give three paths: the Wasm, index.html, and the directory") };
    // A page that is being visited keeps its old files until the new ones are complete.
    let fresh = dist.with_extension("new");
    remove(&fresh)?;
    bundle(wasm, html, &fresh)?;
    remove(dist)?;
    fs::rename(&fresh, dist).with_context(|| format!("could not write {}", dist.display()))
}

fn bundle(wasm: &Path, html: &Path, dist: &Path) -> Result<()> {
    Bindgen::new().input_path(wasm).web(true)?.typescript(false).omit_default_module_path(true).generate(dist)?;
    let name = wasm.file_stem().and_then(|name| name.to_str()).context("the Wasm has no name")?;
    let mut files = BTreeMap::new();
    for file in [format!("{name}.js"), format!("{name}_bg.wasm")] {
        let bytes = read(&dist.join(&file))?;
        fs::remove_file(dist.join(&file))?;
        files.insert(file, bytes);
    }
    let text = String::from_utf8(read(html)?)?;
    for style in index::styles(&text) {
        files.insert(style.to_owned(), read(&html.with_file_name(style))?);
    }
    let mut names = BTreeMap::new();
    for (file, bytes) in files {
        let hashed = hashed(&file, &bytes);
        fs::write(dist.join(&hashed), bytes)?;
        names.insert(file, hashed);
    }
    for file in index::copies(&text) {
        fs::write(dist.join(file), read(&html.with_file_name(file))?)?;
    }
    fs::write(dist.join("index.html"), index::html(&text, name, &names)?)?;
    Ok(())
}

/// `styles/live.css` as `live-0123456789abcdef.css`: browsers keep such a file for good.
fn hashed(file: &str, bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let file = file.rsplit('/').next().unwrap_or(file);
    let (stem, end) = file.split_once('.').unwrap_or((file, ""));
    format!("{stem}-{:016x}.{end}", hasher.finish())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("could not remove {}", directory.display()))?;
    }
    Ok(())
}
