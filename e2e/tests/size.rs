//! The size of the download before the page works.

use std::fs;
use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;
use e2e::fixture::dist;

/// The most that all files of the page may be, in bytes, each compressed by brotli at its highest quality.
const MOST_BYTES: usize = 400_000;

/// The most that the tracker for any page may be, its script and its Wasm alike.
const TRACKER_BYTES: usize = 60_000;

/// The picture that other sites show beside a link; no visitor of the page downloads it.
const PREVIEW: &str = "preview.png";

#[test]
fn the_page_and_the_tracker_are_small() -> Result<()> {
    let (mut all, mut tracker) = (0, 0);
    for file in fs::read_dir(dist()).context("there is no page; `cargo xtask page` builds it")? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        // Types are for editors, not for browsers.
        if name == PREVIEW || name.ends_with(".d.ts") {
            continue;
        }
        let bytes = fs::read(file.path())?;
        let small = compressed(&bytes)?;
        eprintln!("{}: {} B, {small} B after brotli", name, bytes.len());
        let is_tracker = name == "ese.js" || name.starts_with("tracker_bg-");
        *if is_tracker { &mut tracker } else { &mut all } += small;
    }
    eprintln!("the tracker for any page: {tracker} B after brotli");
    ensure!(tracker > 0, "there is no ese.js in dist/; `cargo xtask page` builds it");
    ensure!(tracker <= TRACKER_BYTES, "ese.js and its Wasm are {tracker} B; at most {TRACKER_BYTES} B are meant");
    eprintln!("all files: {all} B after brotli");
    ensure!(all > 0, "there is no file in dist/; `cargo xtask page` builds it");
    ensure!(all <= MOST_BYTES, "the page is {all} B after brotli; at most {MOST_BYTES} B are meant");
    Ok(())
}

fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut small = Vec::new();
    let quality = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut Cursor::new(bytes), &mut small, &quality)?;
    Ok(small.len())
}
