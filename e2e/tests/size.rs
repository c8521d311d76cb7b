//! The size of the download before the page works.

use std::fs;
use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;
use e2e::fixture::dist;

/// The most that all files of the page may be, in bytes, each compressed by brotli at its highest quality.
const MOST_BYTES: usize = 400_000;

/// The picture that other sites show beside a link; no visitor of the page downloads it.
const PREVIEW: &str = "preview.png";

#[test]
fn the_page_is_small() -> Result<()> {
    let mut all = 0;
    for file in fs::read_dir(dist()).context("there is no page; `cargo xtask page` builds it")? {
        let file = file?;
        if file.file_name() == PREVIEW {
            continue;
        }
        let bytes = fs::read(file.path())?;
        let small = compressed(&bytes)?;
        eprintln!("{}: {} B, {small} B after brotli", file.file_name().display(), bytes.len());
        all += small;
    }
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
