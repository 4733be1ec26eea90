//! Queries that have been parsed, because operators ask the same few again and again; and the commonest of all, a row by its
//! key (`select … from t where _key = 'x'`), which needs no more than a look into the table.

use std::cmp::Ordering;
use std::rc::Rc;

use super::ast::{Binary, Expr, Item, Query, Select};
use super::eval::compare;
use super::{parser, Tables};
use crate::rt::cell::{Cell, Scalar};
use crate::rt::frame::{Data, DataFrame, Frame};
use crate::rt::global::Global;
use crate::rt::table::TableApi;

/// Texts kept; the oldest makes room. Queries with numbers written into them pass through.
const KEPT_MAX: usize = 32;
const TEXT_BYTES_MAX: usize = 1024;

static QUERIES: Global<Vec<(String, Rc<Query>)>> = Global::new(Vec::new());
static LOOK_UPS: Global<Vec<(String, Option<LookUp>)>> = Global::new(Vec::new());

/// The parsed query of a text.
pub fn query(text: &str) -> Result<Rc<Query>, String> {
    let kept = QUERIES.get();
    if let Some((_, query)) = kept.iter().find(|(known, _)| known == text) {
        return Ok(query.clone());
    }
    let query = Rc::new(parser::parse(text)?);
    keep(kept, text, query.clone());
    Ok(query)
}

fn keep<T>(kept: &mut Vec<(String, T)>, text: &str, value: T) {
    if text.len() > TEXT_BYTES_MAX {
        return;
    }
    if kept.len() == KEPT_MAX {
        kept.remove(0);
    }
    kept.push((text.to_string(), value));
}

struct LookUp {
    table: String,
    /// `None` for all.
    columns: Option<Vec<(String, String)>>,
}

/// The answer when the text is a look-up by key that can be made at once.
pub fn look_up(text: &str, tables: &Tables<'_>) -> Option<DataFrame> {
    let (head, key) = split(text)?;
    let kept = LOOK_UPS.get();
    let at = match kept.iter().position(|(known, _)| known == head) {
        Some(at) => at,
        None if head.len() > TEXT_BYTES_MAX => return None,
        None => {
            let made = parser::parse(&format!("{}''", head)).ok().and_then(|query| plain(&query));
            keep(kept, head, made);
            kept.len() - 1
        }
    };
    let wanted = kept[at].1.as_ref()?;
    let table = tables.iter().find(|(name, _)| *name == wanted.table).map(|(_, table)| table)?;
    let row = table.find_key(key)?;
    // A key may be a number, which has one text of its own.
    let row = row.filter(|row| compare(table.cell(*row, 0), Cell::Str(key)) == Some(Ordering::Equal));
    let there = table.columns();
    let (names, columns) = match &wanted.columns {
        None => (there.iter().map(|name| name.to_string()).collect(), (0..there.len()).collect()),
        Some(list) => {
            let find = |(column, _): &(String, String)| there.iter().position(|name| name == column);
            let columns = list.iter().map(find).collect::<Option<Vec<usize>>>()?;
            (list.iter().map(|(_, name)| name.clone()).collect(), columns)
        }
    };
    let rows: Vec<u32> = row.map(|row| row as u32).into_iter().collect();
    let data = Data::View { table: table.clone(), rows, columns };
    Some(DataFrame::new(Frame { names, count: row.is_some() as usize, data }))
}

/// What stands before the only quoted text, which must be the end of the query, and that text.
fn split(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_end().strip_suffix('\'')?;
    let open = inner.rfind('\'')?;
    let head = &inner[..open];
    let sound = head.trim_end().ends_with('=') && !head.contains(|sign| matches!(sign, '\'' | '"' | '`') || sign == '-');
    if sound {
        Some((head, &inner[open + 1..]))
    } else {
        None
    }
}

/// When the query picks columns of one table, where its key is the (empty) text.
fn plain(query: &Query) -> Option<LookUp> {
    let Select { distinct, items, from, joins, filter, group_by, having, order_by, limit, offset } = &query.first;
    let single = query.rest.is_empty() && query.whole.is_none() && joins.is_empty();
    let bare = !distinct && group_by.is_empty() && having.is_none() && order_by.is_empty() && limit.is_none() && *offset == 0;
    let from = from.as_ref().filter(|_| single && bare)?;
    let of_table = |table: &Option<String>| table.as_ref().map_or(true, |table| *table == from.alias);
    match filter {
        Some(Expr::Binary(Binary::Eq, left, right)) => match (left.as_ref(), right.as_ref()) {
            (Expr::Name { table, column }, Expr::Literal(Scalar::Str(_))) if column == "_key" && of_table(table) => {}
            _ => return None,
        },
        _ => return None,
    }
    if let [Item::Star(None)] = &items[..] {
        return Some(LookUp { table: from.name.clone(), columns: None });
    }
    let mut columns = Vec::new();
    for item in items {
        match item {
            Item::Expr { expr: Expr::Name { table, column }, name } if of_table(table) => {
                columns.push((column.clone(), name.clone()))
            }
            _ => return None,
        }
    }
    Some(LookUp { table: from.name.clone(), columns: Some(columns) })
}
