//! What states are made of: keys, rows of columns, and single values as SQL sees them.

use std::cmp::Ordering;

use super::copy::copy_text;
use super::hash;
use super::key_text::KeyText;
use super::persist::{self, Input};

/// A value in a table, borrowed. `UInt` only holds what does not fit in `Int`, so equal numbers are equal cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str(&'a str),
}

/// A value that an expression made.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Float,
    Str,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

impl<'a> Cell<'a> {
    #[inline]
    pub fn unsigned(value: u64) -> Cell<'a> {
        match i64::try_from(value) {
            Ok(value) => Cell::Int(value),
            Err(_) => Cell::UInt(value),
        }
    }

    pub fn to_scalar(self) -> Scalar {
        match self {
            Cell::Null => Scalar::Null,
            Cell::Bool(v) => Scalar::Bool(v),
            Cell::Int(v) => Scalar::Int(v),
            Cell::UInt(v) => Scalar::UInt(v),
            Cell::Float(v) => Scalar::Float(v),
            Cell::Str(v) => Scalar::Str(v.to_string()),
        }
    }

    #[inline]
    pub fn integer(self) -> Option<i64> {
        match self {
            Cell::Int(v) => Some(v),
            _ => None,
        }
    }

    pub fn number(self) -> Option<f64> {
        match self {
            Cell::Int(v) => Some(v as f64),
            Cell::UInt(v) => Some(v as f64),
            Cell::Float(v) => Some(v),
            _ => None,
        }
    }

    /// Order within a column: numbers by value, text by bytes, not-a-number after all numbers; null is handled by the caller.
    pub fn order(self, other: Cell<'_>) -> Ordering {
        match (self, other) {
            (Cell::Int(a), Cell::Int(b)) => a.cmp(&b),
            (Cell::UInt(a), Cell::UInt(b)) => a.cmp(&b),
            (Cell::Int(_), Cell::UInt(_)) => Ordering::Less,
            (Cell::UInt(_), Cell::Int(_)) => Ordering::Greater,
            (Cell::Str(a), Cell::Str(b)) => a.cmp(b),
            (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    fn rank(self) -> u8 {
        match self {
            Cell::Null => 0,
            Cell::Bool(_) => 1,
            Cell::Int(_) | Cell::UInt(_) | Cell::Float(_) => 2,
            Cell::Str(_) => 3,
        }
    }

    pub fn describe(self) -> &'static str {
        match self {
            Cell::Null => "null",
            Cell::Bool(_) => "a boolean",
            Cell::Int(_) | Cell::UInt(_) => "an integer",
            Cell::Float(_) => "a float",
            Cell::Str(_) => "a string",
        }
    }
}

impl Scalar {
    #[inline]
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Scalar::Null => Cell::Null,
            Scalar::Bool(v) => Cell::Bool(*v),
            Scalar::Int(v) => Cell::Int(*v),
            Scalar::UInt(v) => Cell::UInt(*v),
            Scalar::Float(v) => Cell::Float(*v),
            Scalar::Str(v) => Cell::Str(v),
        }
    }
}

/// What `key()` gives to an operator.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyType {
    String(String),
    U64(u64),
    I64(i64),
    Bool(bool),
}

/// A type that can be the key of a state.
pub trait Key: Clone + Eq + 'static {
    /// As a table keeps it.
    type Kept: 'static;
    fn hash(&self) -> u64;
    fn keep(&self) -> Self::Kept;
    fn is(&self, kept: &Self::Kept) -> bool;
    fn fetch(kept: &Self::Kept) -> Self;
    fn hash_of(kept: &Self::Kept) -> u64;
    fn cell(kept: &Self::Kept) -> Cell<'_>;
    fn key_type(&self) -> KeyType;
    /// From the text of a SQL literal, where keys are strings.
    fn from_text(text: &str) -> Option<Self>;
    fn save(kept: &Self::Kept, out: &mut Vec<u8>);
    fn load(input: &mut Input<'_>) -> Option<Self>;
}

/// The value of a state: one field per column.
pub trait Row: Clone + Default + 'static {
    const COLUMNS: &'static [Column];
    fn cell(&self, column: usize) -> Cell<'_>;
    fn save(&self, out: &mut Vec<u8>);
    fn load(input: &mut Input<'_>) -> Option<Self>;
    /// The row shares its texts with another one: those of the columns in `mask` become its own.
    ///
    /// # Safety
    /// What these texts are now must belong to the other one.
    unsafe fn own(&mut self, _mask: u64) {}
    /// Leaves the texts of all columns but those in `mask` to another row.
    ///
    /// # Safety
    /// There must be such a row, or they leak.
    unsafe fn disown(&mut self, _mask: u64) {}
}

impl Key for String {
    type Kept = KeyText;
    #[inline]
    fn hash(&self) -> u64 {
        hash::bytes(self.as_bytes())
    }
    #[inline]
    fn keep(&self) -> KeyText {
        KeyText::new(self)
    }
    #[inline]
    fn is(&self, kept: &KeyText) -> bool {
        kept.same(self)
    }
    fn fetch(kept: &KeyText) -> Self {
        copy_text(kept.text())
    }
    fn hash_of(kept: &KeyText) -> u64 {
        hash::bytes(kept.text().as_bytes())
    }
    #[inline]
    fn cell(kept: &KeyText) -> Cell<'_> {
        Cell::Str(kept.text())
    }
    fn key_type(&self) -> KeyType {
        KeyType::String(self.clone())
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_string())
    }
    fn save(kept: &KeyText, out: &mut Vec<u8>) {
        persist::text(out, kept.text());
    }
    fn load(input: &mut Input<'_>) -> Option<Self> {
        input.text()
    }
}

impl Row for String {
    const COLUMNS: &'static [Column] = &[Column { name: "value", kind: Kind::Str }];
    fn cell(&self, _: usize) -> Cell<'_> {
        Cell::Str(self)
    }
    fn save(&self, out: &mut Vec<u8>) {
        persist::text(out, self);
    }
    fn load(input: &mut Input<'_>) -> Option<Self> {
        input.text()
    }
}

/// A key that a table keeps as it is.
macro_rules! kept_as_it_is {
    () => {
        type Kept = Self;
        #[inline]
        fn hash(&self) -> u64 {
            hash::integer(*self as u64)
        }
        #[inline]
        fn keep(&self) -> Self {
            *self
        }
        #[inline]
        fn is(&self, kept: &Self) -> bool {
            self == kept
        }
        fn fetch(kept: &Self) -> Self {
            *kept
        }
        fn hash_of(kept: &Self) -> u64 {
            kept.hash()
        }
    };
}

impl Key for bool {
    kept_as_it_is!();
    fn cell(kept: &bool) -> Cell<'_> {
        Cell::Bool(*kept)
    }
    fn key_type(&self) -> KeyType {
        KeyType::Bool(*self)
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
    fn save(kept: &bool, out: &mut Vec<u8>) {
        out.push(*kept as u8);
    }
    fn load(input: &mut Input<'_>) -> Option<Self> {
        input.take(1).map(|b| b[0] == 1)
    }
}

impl Row for bool {
    const COLUMNS: &'static [Column] = &[Column { name: "value", kind: Kind::Bool }];
    fn cell(&self, _: usize) -> Cell<'_> {
        Cell::Bool(*self)
    }
    fn save(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }
    fn load(input: &mut Input<'_>) -> Option<Self> {
        input.take(1).map(|b| b[0] == 1)
    }
}

macro_rules! fixed_row {
    ($type:ty, $kind:expr, $cell:expr) => {
        impl Row for $type {
            const COLUMNS: &'static [Column] = &[Column { name: "value", kind: $kind }];
            #[inline]
            fn cell(&self, _: usize) -> Cell<'_> {
                let make: fn($type) -> Cell<'static> = $cell;
                make(*self)
            }
            fn save(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn load(input: &mut Input<'_>) -> Option<Self> {
                let bytes = input.take(std::mem::size_of::<$type>())?;
                Some(<$type>::from_le_bytes(bytes.try_into().ok()?))
            }
        }
    };
}

macro_rules! integer_key {
    ($($type:ty => $variant:ident($wide:ty), $cell:expr);* $(;)?) => { $(
        impl Key for $type {
            kept_as_it_is!();
            fn cell(kept: &Self) -> Cell<'_> {
                let make: fn($type) -> Cell<'static> = $cell;
                make(*kept)
            }
            fn key_type(&self) -> KeyType { KeyType::$variant(*self as $wide) }
            fn from_text(text: &str) -> Option<Self> { text.parse().ok() }
            fn save(kept: &Self, out: &mut Vec<u8>) { out.extend_from_slice(&kept.to_le_bytes()); }
            fn load(input: &mut Input<'_>) -> Option<Self> { <$type as Row>::load(input) }
        }
        fixed_row!($type, Kind::Int, $cell);
    )* };
}
integer_key!(
    u8 => U64(u64), |v| Cell::Int(v as i64);
    u16 => U64(u64), |v| Cell::Int(v as i64);
    u32 => U64(u64), |v| Cell::Int(v as i64);
    u64 => U64(u64), |v| Cell::unsigned(v);
    i8 => I64(i64), |v| Cell::Int(v as i64);
    i16 => I64(i64), |v| Cell::Int(v as i64);
    i32 => I64(i64), |v| Cell::Int(v as i64);
    i64 => I64(i64), |v| Cell::Int(v);
);
fixed_row!(f32, Kind::Float, |v| Cell::Float(v as f64));
fixed_row!(f64, Kind::Float, |v| Cell::Float(v));
