//! `bundle WASM INDEX DIST`: makes the files of the page from its compiled Wasm, as `trunk build` would.
//!
//! trunk has ten times as many dependencies, for work that this page does not need. It is left to `cargo xtask serve`.

mod compact;
mod index;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
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
    let mut output = Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let mut imports = Vec::new();
    for (number, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        imports.push(mem::replace(&mut import.name, number.to_string()));
    }
    output.emit(dist)?;
    let name = wasm.file_stem().and_then(|name| name.to_str()).context("the Wasm has no name")?;
    let (script, program) = (format!("{name}.js"), format!("{name}_bg.wasm"));
    let mut files = BTreeMap::new();
    files.insert(script.clone(), compact::script(&text(&dist.join(&script))?, &imports)?.into_bytes());
    files.insert(program.clone(), read(&dist.join(&program))?);
    for file in files.keys() {
        fs::remove_file(dist.join(file))?;
    }
    let page = text(html)?;
    let sheets: Result<String> = index::styles(&page).map(|style| text(&html.with_file_name(style))).collect();
    files.insert(index::STYLES.to_owned(), compact::styles(&sheets?).into_bytes());
    let mut names = BTreeMap::new();
    for (file, bytes) in files {
        let hashed = hashed(&file, &bytes);
        fs::write(dist.join(&hashed), bytes)?;
        names.insert(file, hashed);
    }
    for file in index::copies(&page) {
        fs::write(dist.join(file), read(&html.with_file_name(file))?)?;
    }
    fs::write(dist.join("index.html"), index::html(&page, name, &names)?)?;
    Ok(())
}

/// `page.css` as `page-0123456789abcdef.css`: browsers keep such a file for good.
fn hashed(file: &str, bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let (stem, end) = file.split_once('.').unwrap_or((file, ""));
    format!("{stem}-{:016x}.{end}", hasher.finish())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("could not read {}", file.display()))
}

fn text(file: &Path) -> Result<String> {
    Ok(String::from_utf8(read(file)?)?)
}

fn remove(directory: &Path) -> Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("could not remove {}", directory.display()))?;
    }
    Ok(())
}
