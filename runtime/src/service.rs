//! A service's life: read the configuration, serve, watch the tasks, stop everything within one grace time.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Common, EXIT_USAGE};
use crate::dependency::{Dependency, Need};
use crate::listen::{self, Limits};
use crate::probes::{self, Readiness};
use crate::request_checks::{Routes, guard};
use crate::{exposure, injected_fault, problem, telemetry, trace};

/// The background tasks of a service. If one ends by itself, the service ends.
#[derive(Debug)]
pub struct Tasks {
    running: JoinSet<(&'static str, anyhow::Result<()>)>,
    needs: Vec<Need>,
    /// Cancelled when the service stops: sources and streams end then, workers once their queue is closed and empty.
    pub stop: CancellationToken,
}

impl Default for Tasks {
    fn default() -> Self {
        // A metric that is made before the recorder is installed would not be counted.
        telemetry::metrics();
        Self { running: JoinSet::new(), needs: Vec::new(), stop: CancellationToken::new() }
    }
}

impl Tasks {
    /// Runs `task` until the service stops.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        self.running.spawn(async move { (name, task.await) });
    }

    /// From now on `/readyz` names `server` while it is away. The service is not ready then, unless the server is needed
    /// `only_for` a part of it.
    pub fn need(&mut self, server: Dependency, only_for: Option<&'static str>) {
        self.needs.push(Need { server, only_for });
    }
}

/// The main function of a service's program: reads its configuration and runs `app` with it. `common` gives the options of
/// every service, and the flags of the service's own secrets, with whether each is given.
pub async fn program<C: Parser, F, const N: usize>(
    name: &'static str,
    common: impl FnOnce(&C) -> (&Common, [(&'static str, bool); N]),
    app: impl FnOnce(C, TcpListener) -> F,
) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    match config::parse::<C>() {
        Ok(config) => {
            let (common, secrets) = common(&config);
            main(name, common.clone(), &secrets, |listener| app(config, listener)).await
        }
        Err(code) => code,
    }
}

/// Binds, starts logging, runs `app` to its end, and turns the result into an exit code. With `--probe` it only asks the
/// running service whether it is ready. Beyond this machine it needs the admin token and the service's own `secrets`.
pub async fn main<F>(
    name: &'static str,
    config: Common,
    secrets: &[(&'static str, bool)],
    app: impl FnOnce(TcpListener) -> F,
) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    let secrets = [secrets, &[config.admin.secret()]].concat();
    let warning = match exposure::check(config.listen, config.admin.open, &secrets) {
        Err(why) if !config.probe => {
            eprintln!("{name}: {why}");
            return ExitCode::from(EXIT_USAGE);
        }
        checked => checked.ok().flatten(),
    };
    let outcome = async {
        if config.probe {
            return probes::ask(config.listen).await;
        }
        telemetry::init(&config)?;
        if let Some(warning) = warning {
            tracing::warn!("{warning}");
        }
        if let Some(endpoint) = &config.otlp_endpoint {
            trace::init(name, endpoint)?;
        }
        if let Some(file) = config.fault_file {
            injected_fault::follow(file);
        }
        let listener = bind(config.listen).await?;
        tracing::info!(service = name, address = %listener.local_addr()?, "listening");
        app(listener).await
    };
    let outcome = outcome.await;
    // It blocks.
    drop(tokio::task::spawn_blocking(trace::flush).await);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; if another program has the port, give another with --listen")
    })
}

/// Resolves with the first SIGTERM or Ctrl-C.
pub async fn stop_signal() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () }
        }
        _ => tracing::error!("signals cannot be received; the service stops at once"),
    }
}

/// Serves `routes` and the probes until `shutdown` resolves or a task ends, then stops everything.
pub async fn serve(
    listener: TcpListener,
    routes: impl Into<Routes>,
    mut tasks: Tasks,
    shutdown: impl Future<Output = ()>,
    grace: Duration,
) -> anyhow::Result<()> {
    let readiness = Readiness::new(std::mem::take(&mut tasks.needs));
    let Routes { guarded, open } = routes.into();
    let guarded = guarded.merge(probes::router(readiness.clone())).fallback(problem::not_found);
    let guarded = guarded.method_not_allowed_fallback(problem::method_not_allowed);
    let router = guard(Routes { guarded, open }, listener.local_addr()?);
    let mut server = tokio::spawn(listen::serve(listener, router, Limits::default(), tasks.stop.clone()));
    readiness.set(true);

    let died = tokio::select! {
        () = shutdown => None,
        Some(ended) = tasks.running.join_next() => Some(end_of(ended)),
    };
    readiness.set(false);
    tasks.stop.cancel();
    let stopping = async {
        (&mut server).await?;
        while let Some(ended) = tasks.running.join_next().await {
            ended?.1?;
        }
        anyhow::Ok(())
    };
    let stopped = tokio::time::timeout(grace, stopping).await;
    server.abort();
    match (died, stopped) {
        (Some(error), _) => Err(error),
        (None, Ok(result)) => result,
        (None, Err(_)) => anyhow::bail!("not everything stopped within {} s", grace.as_secs_f32()),
    }
}

fn end_of(ended: Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok((name, Ok(()))) => anyhow::anyhow!("{name} ended before the service was stopped"),
        Ok((name, Err(error))) => error.context(format!("{name} failed")),
        Err(error) => anyhow::Error::from(error).context("a task panicked"),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;

    use super::*;

    async fn run(task: impl Future<Output = anyhow::Result<()>> + Send + 'static) -> anyhow::Result<()> {
        let mut tasks = Tasks::default();
        tasks.spawn("the task", task);
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        serve(listener, Router::new(), tasks, std::future::pending(), Duration::from_secs(1)).await
    }

    #[tokio::test]
    async fn a_task_that_fails_ends_the_service() {
        let error = run(async { anyhow::bail!("no more disk") }).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "the task failed: no more disk");
        let error = run(async { panic!("oh") }).await.unwrap_err();
        assert!(format!("{error:#}").starts_with("a task panicked"));
    }
}
