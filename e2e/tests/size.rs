//! The size of the download before the page works.

use std::fs;
use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;
use e2e::scenario::dist;

/// The most that the Wasm of the whole app may be, in bytes, compressed by brotli at its highest quality.
const MOST_BYTES: usize = 400_000;

#[test]
fn the_wasm_is_small() -> Result<()> {
    let mut files = fs::read_dir(dist()).context("there is no page; `cargo xtask page` builds it")?;
    let wasm = files.find_map(|file| file.ok().filter(|file| file.path().extension().is_some_and(|end| end == "wasm")));
    let wasm = fs::read(wasm.context("there is no Wasm in dist/; `cargo xtask page` builds it")?.path())?;
    let mut small = Vec::new();
    let quality = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: wasm.len(), ..Default::default() };
    brotli::BrotliCompress(&mut Cursor::new(&wasm), &mut small, &quality)?;
    eprintln!("the Wasm is {} B, {} B after brotli", wasm.len(), small.len());
    ensure!(small.len() <= MOST_BYTES, "the Wasm is {} B after brotli; at most {MOST_BYTES} B are meant", small.len());
    Ok(())
}
