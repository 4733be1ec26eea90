//! The result of a query and the rows API over it, as SDF's documents have it.

use std::cell::Cell as Slot;
use std::rc::Rc;

use super::cell::{Cell, Scalar};
use super::copy::copy_text;
use super::error::{Error, Result};
use super::sql;
use super::table::TableApi;

pub struct Frame {
    pub names: Vec<String>,
    pub count: usize,
    pub data: Data,
}

pub enum Data {
    /// Rows and columns of a state as they are; nothing was copied.
    View { table: Rc<dyn TableApi>, rows: Vec<u32>, columns: Vec<usize> },
    /// Values that expressions made, row by row.
    Made(Vec<Scalar>),
}

impl Frame {
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.data {
            Data::View { table, rows, columns } => table.cell(rows[row] as usize, columns[column]),
            Data::Made(cells) => cells[row * self.names.len() + column].cell(),
        }
    }
}

#[derive(Clone)]
pub struct DataFrame(Rc<Frame>);

/// A column of one frame.
#[derive(Clone, Debug)]
pub struct Col {
    index: usize,
    name: String,
}

impl DataFrame {
    pub fn new(frame: Frame) -> Self {
        DataFrame(Rc::new(frame))
    }

    pub fn frame(&self) -> &Frame {
        &self.0
    }

    pub fn rows(&self) -> Result<Rows> {
        Ok(Rows { frame: self.0.clone(), next: Slot::new(0) })
    }

    pub fn col(&self, name: &str) -> Result<Col> {
        match self.0.names.iter().position(|n| n == name) {
            Some(index) => Ok(Col { index, name: name.to_string() }),
            None => Err(Error::msg(format!("no column \"{}\"; there are: {}", name, self.0.names.join(", ")))),
        }
    }

    pub fn key(&self) -> Result<Col> {
        self.col("_key")
    }

    pub fn schema<'a>(&self, names: impl AsRef<[&'a str]>) -> Result<Vec<Col>> {
        names.as_ref().iter().map(|name| self.col(name)).collect()
    }

    /// A query over this result, which is called `self`.
    pub fn sql(&self, query: &str) -> Result<DataFrame> {
        let table: Rc<dyn TableApi> = Rc::new(FrameTable(self.0.clone()));
        sql::run(query, &[("self", table)])
    }
}

/// A cursor; it stands before the first row until `next`.
pub struct Rows {
    frame: Rc<Frame>,
    next: Slot<usize>,
}

impl Rows {
    pub fn next(&self) -> bool {
        let next = self.next.get();
        if next >= self.frame.count {
            return false;
        }
        self.next.set(next + 1);
        true
    }

    #[inline]
    fn cell(&self, column: &Col) -> Result<Cell<'_>> {
        let next = self.next.get();
        if next == 0 {
            return Err(Error::msg("call next() before reading a row"));
        }
        Ok(self.frame.cell(next - 1, column.index))
    }

    #[cold]
    fn wrong(&self, column: &Col, expected: &str, found: Cell<'_>) -> Error {
        Error::msg(format!("column \"{}\" is {} here, not {}", column.name, found.describe(), expected))
    }

    pub fn str(&self, column: &Col) -> Result<String> {
        match self.cell(column)? {
            Cell::Str(text) => Ok(copy_text(text)),
            // Keys are strings in SDF's tables, whatever the type of the key.
            Cell::Int(value) if column.name == "_key" => Ok(value.to_string()),
            Cell::UInt(value) if column.name == "_key" => Ok(value.to_string()),
            Cell::Bool(value) if column.name == "_key" => Ok(value.to_string()),
            other => Err(self.wrong(column, "a string", other)),
        }
    }

    pub fn bool(&self, column: &Col) -> Result<bool> {
        match self.cell(column)? {
            Cell::Bool(value) => Ok(value),
            other => Err(self.wrong(column, "a boolean", other)),
        }
    }

    pub fn f64(&self, column: &Col) -> Result<f64> {
        let cell = self.cell(column)?;
        cell.number().ok_or_else(|| self.wrong(column, "a number", cell))
    }

    pub fn f32(&self, column: &Col) -> Result<f32> {
        self.f64(column).map(|value| value as f32)
    }
}

macro_rules! integers {
    ($($type:ident),*) => {
        impl Rows { $(
            pub fn $type(&self, column: &Col) -> Result<$type> {
                let cell = self.cell(column)?;
                let value = match cell {
                    Cell::Int(value) => <$type>::try_from(value).ok(),
                    Cell::UInt(value) => <$type>::try_from(value).ok(),
                    _ => None,
                };
                value.ok_or_else(|| self.wrong(column, concat!("a number that fits ", stringify!($type)), cell))
            }
        )* }
    };
}
integers!(u8, u16, u32, u64, i8, i16, i32, i64);

/// A result as a table of the next query.
pub struct FrameTable(Rc<Frame>);

impl FrameTable {
    pub fn new(frame: Frame) -> Self {
        FrameTable(Rc::new(frame))
    }
}

impl TableApi for FrameTable {
    fn columns(&self) -> Vec<&str> {
        self.0.names.iter().map(|name| name.as_str()).collect()
    }
    fn extent(&self) -> usize {
        self.0.count
    }
    fn is_live(&self, _: usize) -> bool {
        true
    }
    fn cell(&self, index: usize, column: usize) -> Cell<'_> {
        self.0.cell(index, column)
    }
    fn find_key(&self, _: &str) -> Option<Option<usize>> {
        None
    }
}
