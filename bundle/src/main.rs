//! `bundle DIST (WASM SOURCE)…`: makes the files of the page from its compiled Wasm, as `trunk build` would, and `ese.js`.
//!
//! SOURCE is the index.html of a page, or the end of a script, which stands alone under its own name.
//! trunk has ten times as many dependencies, for work that this page does not need. It is left to `cargo xtask serve`.

mod compact;
mod index;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

/// In the source of a script, the place of the name of its Wasm.
const WASM: &str = "{{wasm}}";

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let Some((dist, programs)) = arguments.split_first() else { bail!("give the directory first") };
    ensure!(!programs.is_empty() && programs.len() % 2 == 0, "give a Wasm and its source for each program");
    // A page that is being visited keeps its old files until the new ones are complete.
    let fresh = dist.with_extension("new");
    remove(&fresh)?;
    for program in programs.chunks(2) {
        let (wasm, source) = (&program[0], &program[1]);
        let glued = glue(wasm, &fresh)?;
        if source.extension().is_some_and(|end| end == "js") {
            script(glued, source, &fresh)?;
        } else {
            page(glued, source, &fresh)?;
        }
    }
    remove(dist)?;
    fs::rename(&fresh, dist).with_context(|| format!("could not write {}", dist.display()))
}

/// A program and its glue in JavaScript.
struct Glued {
    name: String,
    script: String,
    wasm: Vec<u8>,
}

fn glue(wasm: &Path, dist: &Path) -> Result<Glued> {
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
    let name = wasm.file_stem().and_then(|name| name.to_str()).context("the Wasm has no name")?.to_owned();
    let [script, program] = [format!("{name}.js"), format!("{name}_bg.wasm")].map(|file| dist.join(file));
    let glued = Glued { name, script: compact::script(&text(&script)?, &imports)?, wasm: read(&program)? };
    for file in [script, program] {
        fs::remove_file(file)?;
    }
    Ok(glued)
}

/// The files of a page, all but index.html with hashes in their names.
fn page(Glued { name, script, wasm }: Glued, html: &Path, dist: &Path) -> Result<()> {
    let page = text(html)?;
    let sheets: Result<String> = index::styles(&page).map(|style| text(&html.with_file_name(style))).collect();
    let files = [
        (format!("{name}.js"), script.into_bytes()),
        (format!("{name}_bg.wasm"), wasm),
        (index::STYLES.to_owned(), compact::styles(&sheets?).into_bytes()),
    ];
    let mut names = BTreeMap::new();
    for (file, bytes) in files {
        let hashed = hashed(&file, &bytes);
        fs::write(dist.join(&hashed), bytes)?;
        names.insert(file, hashed);
    }
    for file in index::copies(&page) {
        fs::write(dist.join(file), read(&html.with_file_name(file))?)?;
    }
    fs::write(dist.join("index.html"), index::html(&page, &name, &names)?)?;
    Ok(())
}

/// A script that pages of others name, so its name stays; the Wasm that it fetches has a hash. Its types lie beside it.
fn script(Glued { name, script, wasm }: Glued, source: &Path, dist: &Path) -> Result<()> {
    let hashed = hashed(&format!("{name}_bg.wasm"), &wasm);
    fs::write(dist.join(&hashed), wasm)?;
    let end = compact::script(&text(source)?, &[])?;
    ensure!(end.contains(WASM), "{} does not say where {WASM} is", source.display());
    let file = source.file_name().context("the script has no name")?;
    fs::write(dist.join(file), script + &end.replace(WASM, &hashed))?;
    let types = source.with_extension("d.ts");
    fs::copy(&types, dist.join(file).with_extension("d.ts")).with_context(|| types.display().to_string())?;
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
