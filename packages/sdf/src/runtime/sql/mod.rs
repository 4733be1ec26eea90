//! A small SQL engine over states, with the semantics of Polars where they differ from other engines: `/` is a float
//! division, nulls sort last ascending and first descending, `round` goes from the middle to the even number, `sum` of
//! nothing is null, names are case-sensitive.
//!
//! SELECT with joins, where, group by, having, order by, limit, and unions of it. What is not here is refused by name.

mod aggregate;
mod ast;
mod eval;
mod exec;
mod functions;
mod lexer;
mod order;
mod parse_expr;
mod parser;
mod prepared;
mod relation;
mod unite;

use std::rc::Rc;

use super::error::{Error, Result};
use super::frame::DataFrame;
use super::table::TableApi;

/// The tables in reach, by the names they have in SQL.
pub type Tables<'a> = [(&'a str, Rc<dyn TableApi>)];

pub fn run(query: &str, tables: &Tables<'_>) -> Result<DataFrame> {
    if let Some(found) = prepared::look_up(query, tables) {
        return Ok(found);
    }
    let parsed = prepared::query(query).map_err(|message| explain(query, &message))?;
    unite::run(&parsed, tables).map_err(|message| explain(query, &message))
}

#[cold]
fn explain(query: &str, message: &str) -> Error {
    Error::msg(format!("SQL: {} in: {}", message, query.split_whitespace().collect::<Vec<_>>().join(" ")))
}
