//! The thread that starts all children.
//!
//! The kernel kills a child whose parent dies, and its parent is the *thread* that started it. Threads of an async
//! runtime come and go, so all children are started from one thread that lives as long as the process.

use std::io;
use std::sync::{OnceLock, mpsc};

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

struct Job {
    command: Command,
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

/// Starts `command` on that thread.
pub(super) async fn spawn(command: Command) -> io::Result<Child> {
    static THREAD: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    let thread = THREAD.get_or_init(|| {
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::spawn(move || queue.into_iter().for_each(Job::run));
        jobs
    });
    let (reply, answer) = oneshot::channel();
    let gone = |_| io::Error::other("the thread that starts children is gone");
    thread.send(Job { command, runtime: Handle::current(), reply }).map_err(|_| gone(()))?;
    answer.await.map_err(|_| gone(()))?
}

impl Job {
    fn run(mut self) {
        let _runtime = self.runtime.enter();
        // If the caller is gone, the child is dropped, which kills it.
        drop(self.reply.send(self.command.spawn()));
    }
}
