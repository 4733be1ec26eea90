//! A state: rows by key, in order of insertion, with open addressing over (hash, index) slots.
//!
//! A deleted row stays as a dead entry, so that a query result can keep row indices while an operator runs; `tidy` removes
//! dead entries and may only be called between records.

use std::cell::UnsafeCell;
use std::rc::Rc;

use super::cell::{Cell, Key, Row};
use super::persist::{self, Input};

pub struct Entry<K, V> {
    key: K,
    row: V,
    updated_ms: f64,
    live: bool,
}

pub struct Table<K, V> {
    entries: Vec<Entry<K, V>>,
    /// `hash high bits << 32 | entry index + 1`; 0 = free. The length is a power of two.
    slots: Vec<u64>,
    live: usize,
}

const SLOTS_MIN: usize = 16;
const DEAD_MIN: usize = 32;

impl<K: Key, V: Row> Default for Table<K, V> {
    fn default() -> Self {
        Table { entries: Vec::new(), slots: Vec::new(), live: 0 }
    }
}

impl<K: Key, V: Row> Table<K, V> {
    pub fn len(&self) -> usize {
        self.live
    }

    #[inline]
    pub fn find(&self, key: &K) -> Option<usize> {
        self.find_hashed(key, key.hash())
    }

    #[inline]
    fn find_hashed(&self, key: &K, hash: u64) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            if slot >> 32 == hash >> 32 {
                let index = (slot as u32 - 1) as usize;
                let entry = &self.entries[index];
                if entry.live && entry.key.same(key) {
                    return Some(index);
                }
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    pub fn row(&self, index: usize) -> &V {
        &self.entries[index].row
    }

    /// Writes a row that `find` found; false when it was deleted since.
    #[inline]
    pub fn set(&mut self, index: usize, row: V, now_ms: f64) -> bool {
        let entry = &mut self.entries[index];
        if !entry.live {
            return false;
        }
        entry.row = row;
        entry.updated_ms = now_ms;
        true
    }

    pub fn put(&mut self, key: &K, row: V, now_ms: f64) -> usize {
        let hash = key.hash();
        if let Some(index) = self.find_hashed(key, hash) {
            self.set(index, row, now_ms);
            return index;
        }
        self.push(key.clone(), row, now_ms, hash)
    }

    fn push(&mut self, key: K, row: V, updated_ms: f64, hash: u64) -> usize {
        if (self.entries.len() + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        let index = self.entries.len();
        self.entries.push(Entry { key, row, updated_ms, live: true });
        self.live += 1;
        Self::place(&mut self.slots, hash, index);
        index
    }

    fn place(slots: &mut [u64], hash: u64, index: usize) {
        let mask = slots.len() - 1;
        let mut at = hash as usize & mask;
        while slots[at] != 0 {
            at = (at + 1) & mask;
        }
        slots[at] = hash >> 32 << 32 | (index as u64 + 1);
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(SLOTS_MIN);
        self.index(size);
    }

    fn index(&mut self, size: usize) {
        self.slots.clear();
        self.slots.resize(size, 0);
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.live {
                Self::place(&mut self.slots, entry.key.hash(), index);
            }
        }
    }

    pub fn delete(&mut self, key: &K) -> bool {
        match self.find(key) {
            Some(index) => {
                self.entries[index].live = false;
                self.entries[index].row = V::default();
                self.live -= 1;
                true
            }
            None => false,
        }
    }

    /// Removes rows not updated since `before_ms`. Only between records.
    pub fn expire(&mut self, before_ms: f64) -> usize {
        let mut gone = 0;
        for entry in &mut self.entries {
            if entry.live && entry.updated_ms < before_ms {
                entry.live = false;
                entry.row = V::default();
                gone += 1;
            }
        }
        self.live -= gone;
        self.tidy();
        gone
    }

    /// Gives back the room of deleted rows when they are more than the live ones. Only between records.
    #[inline]
    pub fn tidy(&mut self) {
        let dead = self.entries.len() - self.live;
        if dead > DEAD_MIN && dead > self.live {
            self.entries.retain(|entry| entry.live);
            let size = (self.live * 2).next_power_of_two().max(SLOTS_MIN);
            self.index(size);
            self.slots.shrink_to_fit();
            self.entries.shrink_to(self.live * 2);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().filter(|e| e.live).map(|e| (&e.key, &e.row))
    }

    pub fn save(&self, out: &mut Vec<u8>) {
        persist::u32(out, self.live as u32);
        for entry in self.entries.iter().filter(|e| e.live) {
            entry.key.save(out);
            entry.row.save(out);
            persist::f64(out, entry.updated_ms);
        }
    }

    pub fn load(input: &mut Input<'_>) -> Option<Self> {
        let count = input.u32()? as usize;
        let mut table = Self::default();
        for _ in 0..count {
            let key = K::load(input)?;
            let row = V::load(input)?;
            let updated_ms = input.f64()?;
            let hash = key.hash();
            table.push(key, row, updated_ms, hash);
        }
        Some(table)
    }
}

/// Shared between the flow, row handles and query results; all on one thread.
pub struct TableCell<K, V>(UnsafeCell<Table<K, V>>);
pub type Shared<K, V> = Rc<TableCell<K, V>>;

pub fn shared<K: Key, V: Row>(table: Table<K, V>) -> Shared<K, V> {
    Rc::new(TableCell(UnsafeCell::new(table)))
}

impl<K, V> TableCell<K, V> {
    /// No reference to a row leaves the runtime, so a change never meets a borrow.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub fn get(&self) -> &mut Table<K, V> {
        unsafe { &mut *self.0.get() }
    }
}

/// A table as SQL sees it. Column 0 is `_key`, then the columns of the row, then `_updated_at` (ms).
pub trait TableApi {
    fn columns(&self) -> Vec<&str>;
    /// Live and dead rows.
    fn extent(&self) -> usize;
    fn is_live(&self, index: usize) -> bool;
    fn cell(&self, index: usize, column: usize) -> Cell<'_>;
    /// The row with this `_key`; None when the table has no index.
    fn find_key(&self, text: &str) -> Option<Option<usize>>;
}

impl<K: Key, V: Row> TableApi for TableCell<K, V> {
    fn columns(&self) -> Vec<&str> {
        let mut columns = vec!["_key"];
        columns.extend(V::COLUMNS.iter().map(|column| column.name));
        columns.push("_updated_at");
        columns
    }

    fn extent(&self) -> usize {
        self.get().entries.len()
    }

    fn is_live(&self, index: usize) -> bool {
        self.get().entries[index].live
    }

    #[inline]
    fn cell(&self, index: usize, column: usize) -> Cell<'_> {
        let entry = &self.get().entries[index];
        if column == 0 {
            entry.key.cell()
        } else if column <= V::COLUMNS.len() {
            entry.row.cell(column - 1)
        } else {
            Cell::Float(entry.updated_ms)
        }
    }

    fn find_key(&self, text: &str) -> Option<Option<usize>> {
        Some(K::from_text(text).and_then(|key| self.get().find(&key)))
    }
}
