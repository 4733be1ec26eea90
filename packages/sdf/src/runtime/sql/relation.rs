//! The rows a query works on: tuples of row indices, one index per joined table.

use std::collections::HashMap;
use std::rc::Rc;

use super::ast::{Binary, Expr, Join, JoinKind, TableRef};
use super::eval;
use super::Tables;
use crate::rt::cell::{Cell, Scalar};
use crate::rt::hash::Seeded;
use crate::rt::table::TableApi;
use crate::rt::zones::IntegerTest;

/// Stands for the missing side of an outer join.
pub const NO_ROW: u32 = u32::MAX;

pub struct Bound {
    pub alias: String,
    pub table: Rc<dyn TableApi>,
    pub columns: Vec<String>,
}

#[derive(Default)]
pub struct Relation {
    pub tables: Vec<Bound>,
    /// `tables.len()` indices per tuple.
    pub tuples: Vec<u32>,
    /// The filter has been applied while the rows were found.
    pub filtered: bool,
    /// Columns that `using` has merged: only the first table's is meant by the bare name.
    merged: Vec<String>,
}

impl Relation {
    pub fn width(&self) -> usize {
        self.tables.len()
    }

    pub fn tuple(&self, index: usize) -> &[u32] {
        &self.tuples[index * self.width()..(index + 1) * self.width()]
    }

    pub fn count(&self) -> usize {
        if self.tables.is_empty() {
            return 1;
        }
        self.tuples.len() / self.width()
    }

    #[inline]
    pub fn cell<'a>(&'a self, tuple: &[u32], table: usize, column: usize) -> Cell<'a> {
        match tuple[table] {
            NO_ROW => Cell::Null,
            row => self.tables[table].table.cell(row as usize, column),
        }
    }

    fn bind(&mut self, name: &TableRef, tables: &Tables<'_>) -> Result<usize, String> {
        let found = tables.iter().find(|(n, _)| *n == name.name);
        let (_, table) = found.ok_or_else(|| {
            let names: Vec<&str> = tables.iter().map(|(n, _)| *n).collect();
            format!("no table \"{}\"; there are: {}", name.name, names.join(", "))
        })?;
        if self.tables.iter().any(|bound| bound.alias == name.alias) {
            return Err(format!("the table name \"{}\" is used twice; give one an alias", name.alias));
        }
        let columns = table.columns().iter().map(|c| c.to_string()).collect();
        self.tables.push(Bound { alias: name.alias.clone(), table: table.clone(), columns });
        Ok(self.tables.len() - 1)
    }

    /// The table a query starts from; a `_key = 'x'` in the filter makes it one look-up.
    pub fn start(name: &TableRef, tables: &Tables<'_>, filter: Option<&Expr>, joined: bool) -> Result<Self, String> {
        let mut relation = Relation::default();
        relation.bind(name, tables)?;
        let table = relation.tables[0].table.clone();
        let key = if joined { None } else { filter.and_then(|filter| key_literal(filter, &name.alias)) };
        if let Some(row) = key.and_then(|key| table.find_key(key)) {
            relation.tuples = row.map(|row| row as u32).into_iter().collect();
            return Ok(relation);
        }
        if let Some(filter) = filter.filter(|_| !joined) {
            let mut tests = Vec::new();
            if relation.integer_tests(filter, &name.alias, &mut tests) {
                if let Some(rows) = table.select(&tests) {
                    relation.tuples = rows;
                    relation.filtered = true;
                    return Ok(relation);
                }
            }
        }
        relation.tuples = live(&*table).collect();
        Ok(relation)
    }

    /// The comparisons of columns with integers that the filter is made of; false when there is more in it.
    fn integer_tests(&self, filter: &Expr, alias: &str, tests: &mut Vec<IntegerTest>) -> bool {
        let (op, left, right) = match filter {
            Expr::Binary(Binary::And, a, b) => {
                return self.integer_tests(a, alias, tests) && self.integer_tests(b, alias, tests)
            }
            Expr::Binary(op, a, b) => (op, a.as_ref(), b.as_ref()),
            _ => return false,
        };
        match (left, right) {
            (Expr::Name { table, column }, Expr::Literal(Scalar::Int(number)))
                if table.as_deref().map_or(true, |table| table == alias) =>
            {
                let number = *number;
                // Nothing is less than the least number: 1..=0 holds none.
                let below = number.checked_sub(1).map_or((1, 0), |most| (i64::MIN, most));
                let above = number.checked_add(1).map_or((1, 0), |least| (least, i64::MAX));
                let (least, most) = match op {
                    Binary::Eq | Binary::NotEq => (number, number),
                    Binary::Less => below,
                    Binary::LessEq => (i64::MIN, number),
                    Binary::More => above,
                    Binary::MoreEq => (number, i64::MAX),
                    _ => return false,
                };
                let outside = matches!(op, Binary::NotEq);
                let found = self.tables[0].columns.iter().position(|name| name == column);
                tests.extend(found.map(|column| IntegerTest { column, least, most, outside }));
                found.is_some()
            }
            _ => false,
        }
    }

    pub fn resolve(&self, expr: Expr) -> Result<Expr, String> {
        match expr {
            Expr::Name { table, column } => self.find(table.as_deref(), &column),
            other => other.map_children(&mut |child| self.resolve(child)),
        }
    }

    fn find(&self, table: Option<&str>, column: &str) -> Result<Expr, String> {
        let mut found = Vec::new();
        for (index, bound) in self.tables.iter().enumerate() {
            if table.map_or(true, |table| table == bound.alias) {
                if let Some(at) = bound.columns.iter().position(|c| c == column) {
                    found.push(Expr::Slot { table: index, column: at });
                }
            }
        }
        let merged = table.is_none() && self.merged.iter().any(|name| name == column);
        match found.len() {
            0 => {
                let names: Vec<&str> = self.tables.iter().flat_map(|t| t.columns.iter()).map(|c| c.as_str()).collect();
                Err(format!("no column \"{}\"; there are: {}", column, names.join(", ")))
            }
            1 => Ok(found.remove(0)),
            // The tables of a join all have these two; the first is meant, unless an outer join says otherwise.
            _ if merged => Ok(Expr::Call { name: "coalesce".to_string(), arguments: found }),
            _ => Ok(found.remove(0)),
        }
    }

    pub fn join(&mut self, join: Join, tables: &Tables<'_>) -> Result<(), String> {
        let left_width = self.width();
        let right = self.bind(&join.table, tables)?;
        let mut conditions = Vec::new();
        if let Some(on) = join.on {
            split(self.resolve(on)?, &mut conditions);
        }
        for name in join.using {
            let at = self.tables[right].columns.iter().position(|c| *c == name);
            let at = at.ok_or_else(|| format!("no column \"{}\" in \"{}\"", name, join.table.name))?;
            let left = (0..left_width).find_map(|table| {
                let column = self.tables[table].columns.iter().position(|c| *c == name)?;
                Some(Expr::Slot { table, column })
            });
            let left = left.ok_or_else(|| format!("no column \"{}\" on the left of the join", name))?;
            let right = Expr::Slot { table: right, column: at };
            conditions.push(Expr::Binary(Binary::Eq, Box::new(left), Box::new(right)));
            self.merged.push(name);
        }
        let (pairs, rest) = equalities(conditions, right);
        self.combine(join.kind, &pairs, &rest, left_width)
    }

    /// Hash join on the equal pairs; what else the condition asks is checked per candidate.
    fn combine(&mut self, kind: JoinKind, pairs: &[(Expr, Expr)], rest: &[Expr], left_width: usize) -> Result<(), String> {
        let right = self.tables[left_width].table.clone();
        let right_rows: Vec<u32> = live(&*right).collect();
        let mut index: HashMap<Vec<u8>, Vec<usize>, Seeded> = HashMap::default();
        let mut probe = vec![NO_ROW; left_width + 1];
        for (at, row) in right_rows.iter().enumerate() {
            probe[left_width] = *row;
            if let Some(key) = self.join_key(pairs.iter().map(|(_, right)| right), &probe)? {
                index.entry(key).or_default().push(at);
            }
        }
        let left = std::mem::take(&mut self.tuples);
        let mut out = Vec::new();
        let mut right_used = vec![false; right_rows.len()];
        for tuple in left.chunks(left_width) {
            probe[..left_width].copy_from_slice(tuple);
            probe[left_width] = NO_ROW;
            let key = self.join_key(pairs.iter().map(|(left, _)| left), &probe)?;
            let candidates = key.and_then(|key| index.get(&key));
            let mut matched = false;
            for &at in candidates.map_or(&[][..], |list| list) {
                probe[left_width] = right_rows[at];
                if self.holds(rest, &probe)? {
                    matched = true;
                    right_used[at] = true;
                    out.extend_from_slice(&probe);
                }
            }
            if !matched && matches!(kind, JoinKind::Left | JoinKind::Full) {
                probe[left_width] = NO_ROW;
                out.extend_from_slice(&probe);
            }
        }
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            for (at, row) in right_rows.iter().enumerate().filter(|(at, _)| !right_used[*at]) {
                let _ = at;
                out.extend(std::iter::repeat(NO_ROW).take(left_width));
                out.push(*row);
            }
        }
        self.tuples = out;
        Ok(())
    }

    /// None when a part is null: null equals nothing.
    fn join_key<'e>(&self, parts: impl Iterator<Item = &'e Expr>, tuple: &[u32]) -> Result<Option<Vec<u8>>, String> {
        let mut key = Vec::new();
        for part in parts {
            let value = eval::value(part, &eval::Row { relation: self, tuple, results: &[] })?;
            if value.cell() == Cell::Null {
                return Ok(None);
            }
            encode(value.cell(), &mut key);
        }
        Ok(Some(key))
    }

    fn holds(&self, conditions: &[Expr], tuple: &[u32]) -> Result<bool, String> {
        for condition in conditions {
            let row = eval::Row { relation: self, tuple, results: &[] };
            if eval::value(condition, &row)?.cell() != Cell::Bool(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn live(table: &dyn TableApi) -> impl Iterator<Item = u32> + '_ {
    (0..table.extent()).filter(move |row| table.is_live(*row)).map(|row| row as u32)
}

/// Bytes that are equal when the cells are equal in SQL's sense; self-delimiting, so parts can follow one another.
pub fn encode(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.push(0),
        Cell::Bool(v) => out.extend_from_slice(&[1, v as u8]),
        Cell::Int(v) => {
            out.push(2);
            out.extend_from_slice(&v.to_le_bytes());
        }
        // A whole float equals the integer.
        Cell::Float(v) if v == v.trunc() && v.abs() < 9e15 => encode(Cell::Int(v as i64), out),
        Cell::Float(v) => {
            out.push(3);
            out.extend_from_slice(&v.to_bits().to_le_bytes());
        }
        Cell::UInt(v) => {
            out.push(4);
            out.extend_from_slice(&v.to_le_bytes());
        }
        Cell::Str(v) => {
            out.push(5);
            out.extend_from_slice(&(v.len() as u32).to_le_bytes());
            out.extend_from_slice(v.as_bytes());
        }
    }
}

/// The parts of a condition that must all hold.
fn split(expr: Expr, out: &mut Vec<Expr>) {
    match expr {
        Expr::Binary(Binary::And, a, b) => {
            split(*a, out);
            split(*b, out);
        }
        other => out.push(other),
    }
}

/// `left = right` pairs with each side on its own side of the join, and what is left over.
fn equalities(conditions: Vec<Expr>, right: usize) -> (Vec<(Expr, Expr)>, Vec<Expr>) {
    let (mut pairs, mut rest) = (Vec::new(), Vec::new());
    for condition in conditions {
        match condition {
            Expr::Binary(Binary::Eq, a, b) if side(&a, right) == Some(false) && side(&b, right) == Some(true) => {
                pairs.push((*a, *b))
            }
            Expr::Binary(Binary::Eq, a, b) if side(&a, right) == Some(true) && side(&b, right) == Some(false) => {
                pairs.push((*b, *a))
            }
            other => rest.push(other),
        }
    }
    (pairs, rest)
}

/// Some(true): only columns of the right table; Some(false): only of the left ones.
fn side(expr: &Expr, right: usize) -> Option<bool> {
    match expr {
        Expr::Slot { table, .. } => Some(*table == right),
        _ => None,
    }
}

/// The text `x` when the filter holds only for rows with `_key = 'x'`.
fn key_literal<'e>(filter: &'e Expr, alias: &str) -> Option<&'e str> {
    match filter {
        Expr::Binary(Binary::And, a, b) => key_literal(a, alias).or_else(|| key_literal(b, alias)),
        Expr::Binary(Binary::Eq, a, b) => match (a.as_ref(), b.as_ref()) {
            (Expr::Name { table, column }, Expr::Literal(Scalar::Str(text)))
            | (Expr::Literal(Scalar::Str(text)), Expr::Name { table, column })
                if column == "_key" && table.as_deref().map_or(true, |table| table == alias) =>
            {
                Some(text)
            }
            _ => None,
        },
        _ => None,
    }
}
