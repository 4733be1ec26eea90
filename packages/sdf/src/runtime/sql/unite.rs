//! Runs a query: one select, or the union of several.

use std::collections::HashSet;
use std::rc::Rc;

use super::ast::Query;
use super::exec;
use super::relation::encode;
use super::Tables;
use crate::rt::cell::{Cell, Scalar};
use crate::rt::frame::{Data, DataFrame, Frame, FrameTable};
use crate::rt::hash::Seeded;
use crate::rt::table::TableApi;

pub fn run(query: &Query, tables: &Tables<'_>) -> Result<DataFrame, String> {
    let first = exec::run(&query.first, tables)?;
    let whole = match &query.whole {
        Some(whole) => whole,
        None => return Ok(first),
    };
    let names = first.frame().names.clone();
    let mut cells = Vec::new();
    append(&mut cells, first.frame());
    for (all, select) in &query.rest {
        let part = exec::run(select, tables)?;
        let (width, other) = (names.len(), part.frame().names.len());
        if width != other {
            return Err(format!("union needs as many columns on both sides, there are {} and {}", width, other));
        }
        append(&mut cells, part.frame());
        if !all {
            cells = distinct(cells, width);
        }
    }
    check_kinds(&cells, &names)?;
    let frame = Frame { count: cells.len() / names.len(), names, data: Data::Made(cells) };
    let table: Rc<dyn TableApi> = Rc::new(FrameTable::new(frame));
    exec::run(whole, &[("self", table)])
}

fn append(cells: &mut Vec<Scalar>, frame: &Frame) {
    for row in 0..frame.count {
        for column in 0..frame.names.len() {
            cells.push(frame.cell(row, column).to_scalar());
        }
    }
}

/// The first of equal rows.
fn distinct(cells: Vec<Scalar>, width: usize) -> Vec<Scalar> {
    let mut seen: HashSet<Vec<u8>, Seeded> = HashSet::default();
    let mut kept = Vec::new();
    for row in cells.chunks(width) {
        let mut key = Vec::new();
        row.iter().for_each(|cell| encode(cell.cell(), &mut key));
        if seen.insert(key) {
            kept.extend_from_slice(row);
        }
    }
    kept
}

/// A column is numbers, or text, or booleans; nulls go with any.
fn check_kinds(cells: &[Scalar], names: &[String]) -> Result<(), String> {
    let mut kinds = vec![""; names.len()];
    for row in cells.chunks(names.len()) {
        for (cell, (kind, name)) in row.iter().zip(kinds.iter_mut().zip(names)) {
            let found = match cell.cell() {
                Cell::Null => continue,
                Cell::Bool(_) => "booleans",
                Cell::Str(_) => "text",
                _ => "numbers",
            };
            if kind.is_empty() {
                *kind = found;
            } else if *kind != found {
                return Err(format!("union of {} and {} in column \"{}\"", kind, found, name));
            }
        }
    }
    Ok(())
}
