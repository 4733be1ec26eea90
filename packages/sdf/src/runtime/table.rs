//! A state: rows by key, in order of insertion, with open addressing over (hash, index) slots.
//!
//! A deleted row stays as a dead entry, so that a query result can keep row indices while an operator runs; `tidy` removes
//! dead entries and may only be called between records.
//!
//! A `RowHandle` reads a row's texts where they are, without a copy. While there are handles, the texts of rows that are
//! replaced or deleted are therefore kept, in `old`, until the last handle is gone.

use std::cell::UnsafeCell;
use std::rc::Rc;

use super::abi;

use super::cell::{Cell, Key, Row};
use super::persist::{self, Input};
use super::zones::{IntegerTest, Rows, Zones, BLOCK_ROWS};

pub struct Entry<K: Key, V> {
    key: K::Kept,
    row: V,
    updated_ms: f64,
    live: bool,
}

pub struct Table<K: Key, V> {
    entries: Vec<Entry<K, V>>,
    /// `hash high bits << 32 | entry index + 1`; 0 = free. The length is a power of two. The high bits are also the place,
    /// so that the slots can be laid out anew without a look at the keys.
    slots: Vec<u64>,
    live: usize,
    /// Changes to rows that existed.
    version: u32,
    handles: u32,
    /// The call of the host in which `handles` was counted: a trap leaves handles behind that are no more.
    turn: u32,
    old: Vec<V>,
    zones: Zones,
}

const SLOTS_MIN: usize = 16;
const DEAD_MIN: usize = 32;

impl<K: Key, V: Row> Default for Table<K, V> {
    fn default() -> Self {
        let (entries, slots, old, zones) = (Vec::new(), Vec::new(), Vec::new(), Zones::default());
        Table { entries, slots, live: 0, version: 0, handles: 0, turn: 0, old, zones }
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
        let mut at = (hash >> 32) as usize & mask;
        loop {
            // The mask keeps it within the slots, whose length is a power of two.
            let slot = unsafe { *self.slots.get_unchecked(at) };
            if slot == 0 {
                return None;
            }
            if slot >> 32 == hash >> 32 {
                let index = (slot as u32 - 1) as usize;
                let entry = &self.entries[index];
                if entry.live && key.is(&entry.key) {
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
        let old = std::mem::replace(&mut entry.row, row);
        entry.updated_ms = now_ms;
        self.zones.changed(index);
        self.version = self.version.wrapping_add(1);
        self.retire(old);
        true
    }

    /// What is no longer a row; a handle may still read it.
    #[inline]
    fn retire(&mut self, old: V) {
        if self.handles > 0 {
            self.old.push(old);
        }
    }

    // ---- for `RowHandle` ----

    #[inline]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// There is one more handle on a row.
    #[inline]
    pub fn borrow(&mut self) {
        if self.turn != abi::turn() {
            self.turn = abi::turn();
            self.handles = 0;
            self.old.clear();
        }
        self.handles += 1;
    }

    #[inline]
    pub fn release(&mut self) {
        self.handles = self.handles.saturating_sub(1);
        if self.handles == 0 && !self.old.is_empty() {
            self.old.clear();
        }
    }

    #[inline]
    pub fn is_live(&self, index: usize) -> bool {
        self.entries[index].live
    }

    #[inline]
    pub fn touch(&mut self, index: usize, now_ms: f64) {
        self.entries[index].updated_ms = now_ms;
    }

    /// Puts `row` in a row's place, whose texts outside of `mask` are the row's own.
    #[inline]
    pub fn exchange(&mut self, index: usize, row: V, mask: u64, now_ms: f64) {
        let entry = &mut self.entries[index];
        let mut old = std::mem::replace(&mut entry.row, row);
        entry.updated_ms = now_ms;
        self.zones.changed(index);
        self.version = self.version.wrapping_add(1);
        // They live on in the new row.
        unsafe { old.disown(mask) };
        if self.handles > 1 {
            self.old.push(old);
        }
    }

    pub fn put(&mut self, key: &K, row: V, now_ms: f64) -> usize {
        let hash = key.hash();
        if let Some(index) = self.find_hashed(key, hash) {
            self.set(index, row, now_ms);
            return index;
        }
        self.push(key.keep(), row, now_ms, hash)
    }

    /// Puts a row under a key that is known not to be there.
    pub fn add(&mut self, key: &K, row: V, now_ms: f64) -> usize {
        self.push(key.keep(), row, now_ms, key.hash())
    }

    /// Live and dead rows.
    #[inline]
    pub fn places(&self) -> u32 {
        self.entries.len() as u32
    }

    fn push(&mut self, key: K::Kept, row: V, updated_ms: f64, hash: u64) -> usize {
        if (self.entries.len() + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        let index = self.entries.len();
        self.entries.push(Entry { key, row, updated_ms, live: true });
        self.zones.changed(index);
        self.live += 1;
        Self::place(&mut self.slots, Self::slot(hash, index));
        index
    }

    /// A table with room for so many rows.
    pub fn sized(rows: usize) -> Self {
        let mut table = Self::default();
        if rows > 0 {
            table.entries.reserve_exact(rows);
            table.slots.resize((rows * 8 / 7 + 1).next_power_of_two().max(SLOTS_MIN), 0);
        }
        table
    }

    fn place(slots: &mut [u64], slot: u64) {
        let mask = slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while slots[at] != 0 {
            at = (at + 1) & mask;
        }
        slots[at] = slot;
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(SLOTS_MIN);
        let slots = std::mem::replace(&mut self.slots, vec![0; size]);
        for slot in slots.into_iter().filter(|slot| *slot != 0) {
            Self::place(&mut self.slots, slot);
        }
    }

    fn slot(hash: u64, index: usize) -> u64 {
        hash >> 32 << 32 | (index as u64 + 1)
    }

    fn index(&mut self, size: usize) {
        self.slots.clear();
        self.slots.resize(size, 0);
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.live {
                Self::place(&mut self.slots, Self::slot(K::hash_of(&entry.key), index));
            }
        }
    }

    pub fn delete(&mut self, key: &K) -> bool {
        match self.find(key) {
            Some(index) => {
                self.entries[index].live = false;
                let old = std::mem::take(&mut self.entries[index].row);
                self.live -= 1;
                self.zones.changed(index);
                self.version = self.version.wrapping_add(1);
                self.retire(old);
                true
            }
            None => false,
        }
    }

    /// Removes rows not updated since `before_ms`. Only between records.
    pub fn expire(&mut self, before_ms: f64) -> usize {
        let mut gone = 0;
        for (index, entry) in self.entries.iter_mut().enumerate() {
            if entry.live && entry.updated_ms < before_ms {
                entry.live = false;
                entry.row = V::default();
                self.zones.changed(index);
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
            self.zones.forget();
            let size = (self.live * 2).next_power_of_two().max(SLOTS_MIN);
            self.index(size);
            self.slots.shrink_to_fit();
            self.entries.shrink_to(self.live * 2);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.entries.iter().filter(|e| e.live).map(|e| (K::fetch(&e.key), &e.row))
    }

    pub fn save(&self, out: &mut Vec<u8>) {
        persist::u32(out, self.live as u32);
        for entry in self.entries.iter().filter(|e| e.live) {
            K::save(&entry.key, out);
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
            table.push(key.keep(), row, updated_ms, hash);
        }
        Some(table)
    }
}

/// Shared between the flow, row handles and query results; all on one thread.
pub struct TableCell<K: Key, V>(UnsafeCell<Table<K, V>>);
pub type Shared<K, V> = Rc<TableCell<K, V>>;

pub fn shared<K: Key, V: Row>(table: Table<K, V>) -> Shared<K, V> {
    Rc::new(TableCell(UnsafeCell::new(table)))
}

impl<K: Key, V> TableCell<K, V> {
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
    /// The rows that pass all tests, in their order; None when a tested cell is no integer.
    fn select(&self, _tests: &[IntegerTest]) -> Option<Vec<u32>> {
        None
    }
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
            K::cell(&entry.key)
        } else if column <= V::COLUMNS.len() {
            entry.row.cell(column - 1)
        } else {
            Cell::Float(entry.updated_ms)
        }
    }

    fn find_key(&self, text: &str) -> Option<Option<usize>> {
        Some(K::from_text(text).and_then(|key| self.get().find(&key)))
    }

    fn select(&self, tests: &[IntegerTest]) -> Option<Vec<u32>> {
        let Table { entries, zones, .. } = self.get();
        let number = |index: usize, column: usize| match column {
            0 => K::cell(&entries[index].key).integer(),
            _ if column <= V::COLUMNS.len() => entries[index].row.cell(column - 1).integer(),
            _ => None,
        };
        if !zones.refresh(tests, entries.len(), |index| entries[index].live, number) {
            return None;
        }
        let mut rows = Vec::new();
        for start in (0..entries.len()).step_by(BLOCK_ROWS) {
            let block = start..entries.len().min(start + BLOCK_ROWS);
            match zones.passing(tests, start / BLOCK_ROWS) {
                Rows::None => {}
                Rows::All => rows.extend(block.map(|index| index as u32)),
                Rows::Some => {
                    let passes = |index: &usize| {
                        let holds = |test: &IntegerTest| number(*index, test.column).map_or(false, |value| test.passes(value));
                        entries[*index].live && tests.iter().all(holds)
                    };
                    rows.extend(block.filter(passes).map(|index| index as u32));
                }
            }
        }
        Some(rows)
    }
}
