//! The output of a child: all of it in a bounded file, its last lines in memory.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, PipeReader, Read, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

/// A log file larger than this is emptied.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// The bytes of the end that are kept in memory.
const TAIL_BYTES: usize = 8 * 1024;

/// The output of a child.
#[derive(Clone, Debug)]
pub(super) struct Log(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    file: File,
    written: u64,
    tail: VecDeque<u8>,
}

impl Log {
    /// Begins an empty log at `path`.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(path)?;
        Ok(Self(Arc::new(Mutex::new(Inner { file, written: 0, tail: VecDeque::new() }))))
    }

    /// Copies `pipe` into the log until all its writers have closed it; then the receiver resolves.
    ///
    /// Standard output and standard error share the pipe, so their lines keep their order.
    pub(super) fn pump(&self, mut pipe: PipeReader) -> oneshot::Receiver<()> {
        let (done, at_end) = oneshot::channel();
        let log = self.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(read @ 1..) = pipe.read(&mut buffer) {
                log.append(&buffer[..read]);
            }
            // The receiver may be dropped already.
            let _ = done.send(());
        });
        at_end
    }

    /// Removes the last lines: those of the previous process must not explain the end of the next.
    pub(super) fn forget_tail(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).tail.clear();
    }

    fn append(&self, bytes: &[u8]) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.tail.extend(bytes);
        let surplus = inner.tail.len().saturating_sub(TAIL_BYTES);
        inner.tail.drain(..surplus);
        if inner.written > MOST_BYTES && inner.file.set_len(0).and_then(|()| inner.file.rewind()).is_ok() {
            inner.written = 0;
        }
        // A full disk must not stop the child; its last lines are still in memory.
        if inner.file.write_all(bytes).is_ok() {
            inner.written += bytes.len() as u64;
        }
    }

    /// The last `most` lines that are not empty, oldest first.
    pub(super) fn last_lines(&self, most: usize) -> Vec<String> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = inner.tail.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(most)..].iter().map(|line| (*line).to_owned()).collect()
    }
}
