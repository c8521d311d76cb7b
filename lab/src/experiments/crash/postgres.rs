//! New databases for a run on a PostgreSQL server.

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::run::stack::Databases;

/// Creates a database for each service on the server at `url` (`postgres://user@host:port`), named after the seed.
pub(super) async fn databases(url: &str, seed: u64) -> anyhow::Result<Databases> {
    sqlx::any::install_default_drivers();
    let server = format!("{url}/postgres");
    let mut connection =
        sqlx::AnyConnection::connect(&server).await.context("the PostgreSQL server does not answer")?;
    let mut make = async |service: &str| {
        let name = format!("ese_{}_{seed}_{service}", std::process::id());
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        anyhow::Ok(Some(format!("{url}/{name}")))
    };
    Ok(Databases { backend: make("store").await?, consumer: make("consumer").await?, mailer: make("mailer").await? })
}
