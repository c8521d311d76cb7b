//! Statements over many rows, so that their number does not grow with the rows.

use std::fmt::Write;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, query};

use super::Tx;

/// The most values of one statement. SQLite takes 32,766 and PostgreSQL 65,535.
const MOST_VALUES: usize = 32_000;
/// The most values of a statement that stays prepared. Larger ones differ with the number of their rows, and a connection keeps
/// the 100 statements that were used last. With up to 2,400 values each, a step saved about a twentieth of its time, which is
/// within the noise of the measurement. Two ledgers have 42.
const MOST_PREPARED: usize = 42;

/// A value that takes the place of a placeholder.
#[derive(Debug)]
pub(super) enum Value {
    Text(String),
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// A statement under construction.
pub(super) struct Statement {
    sql: String,
    values: Vec<Value>,
    numbered: bool,
}

impl Statement {
    /// Begins with `sql`.
    pub(super) fn new(tx: &Tx, sql: &str) -> Self {
        // SQLite searches a list of all names for each `$1`, which takes quadratic time. A `?` has no name.
        Self { sql: sql.to_owned(), values: Vec::new(), numbered: tx.backend_name() != "SQLite" }
    }

    /// Goes on with `sql`.
    pub(super) fn sql(mut self, sql: &str) -> Self {
        self.sql.push(' ');
        self.sql.push_str(sql);
        self
    }

    /// Goes on with `VALUES (…), (…)`. Both databases take the rows in this order.
    pub(super) fn rows<const N: usize>(mut self, rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        let mut before_row = " VALUES (";
        for row in rows {
            let mut before_value = before_row;
            for value in row {
                self.sql.push_str(before_value);
                self.values.push(value);
                // Writing to a String cannot fail.
                let _ = if self.numbered { write!(self.sql, "${}", self.values.len()) } else { write!(self.sql, "?") };
                before_value = ",";
            }
            self.sql.push(')');
            before_row = ",(";
        }
        self
    }

    /// Runs it and returns the rows of its `RETURNING`. Their order is not promised.
    pub(super) async fn run(self, tx: &mut Tx) -> sqlx::Result<Vec<AnyRow>> {
        let prepared = self.values.len() <= MOST_PREPARED;
        let statement = query(AssertSqlSafe(self.sql)).persistent(prepared);
        let statement = self.values.into_iter().fold(statement, |statement, value| match value {
            Value::Text(text) => statement.bind(text),
            Value::Number(number) => statement.bind(number),
        });
        statement.fetch_all(&mut **tx).await
    }
}

/// Runs `before VALUES (…), (…) after` over all rows, in one statement for as many as fit into one; in none without rows.
pub(super) async fn over<const N: usize>(
    tx: &mut Tx,
    before: &str,
    rows: Vec<[Value; N]>,
    after: &str,
) -> sqlx::Result<Vec<AnyRow>> {
    let mut rows = rows.into_iter();
    let mut returned = Vec::new();
    while rows.len() > 0 {
        let statement = Statement::new(tx, before).rows(rows.by_ref().take(MOST_VALUES / N)).sql(after);
        returned.extend(statement.run(tx).await?);
    }
    Ok(returned)
}
