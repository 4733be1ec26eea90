//! What the function of a state returns: the row of the current key, or the whole table.

use std::cell::{Cell as Slot, UnsafeCell};
use std::mem::ManuallyDrop;
use std::ops::{Add, Deref, DerefMut};

use super::abi;
use super::cell::{Key, Row};
use super::error::{Error, Result};
use super::frame::DataFrame;
use super::global::Global;
use super::table::Shared;

/// The service's current key. It lives in a static, so a handle may point at it without counting.
pub type KeySlot<K> = &'static Global<Option<K>>;

fn no_key() -> Error {
    Error::msg("a state was used where no key is assigned: only operators of a partition have one")
}

/// A copy of the row of the current key; changes stay in the copy until `update`.
///
/// It is a copy of the bits: texts are the table's until the first change, which makes those of the columns in `MASK` its own.
/// The compiler puts every column into the mask that an operator may change. The table keeps texts alive while there are handles.
pub struct RowHandle<K: Key, V: Row, const MASK: u64> {
    __table: Shared<K, V>,
    __key: KeySlot<K>,
    __index: Slot<Option<usize>>,
    __row: UnsafeCell<ManuallyDrop<V>>,
    /// The texts of `MASK` are its own.
    __changed: Slot<bool>,
    /// Of the table, when the row's bits were those of the table; without a row the table's extent.
    __version: Slot<u32>,
}

impl<K: Key, V: Row, const MASK: u64> RowHandle<K, V, MASK> {
    #[inline]
    pub fn open(table: &Shared<K, V>, key: KeySlot<K>) -> Self {
        let it = table.get();
        it.borrow();
        let index = key.get().as_ref().and_then(|key| it.find(key));
        let row = match index {
            Some(index) => unsafe { std::ptr::read(it.row(index)) },
            None => V::default(),
        };
        RowHandle {
            __table: table.clone(),
            __key: key,
            __index: Slot::new(index),
            __row: UnsafeCell::new(ManuallyDrop::new(row)),
            __changed: Slot::new(index.is_none()),
            __version: Slot::new(if index.is_some() { it.version() } else { it.places() }),
        }
    }

    #[inline]
    pub fn update(&self) -> Result<()> {
        let table = self.__table.get();
        match self.__index.get() {
            Some(index) if table.version() == self.__version.get() && table.is_live(index) => {
                if self.__changed.get() {
                    let row = unsafe { std::ptr::read(self.__row.get()) };
                    table.exchange(index, ManuallyDrop::into_inner(row), MASK, abi::now_ms());
                } else {
                    table.touch(index, abi::now_ms());
                }
            }
            Some(index) => self.overwrite(index)?,
            None => {
                let key = self.__key.get().as_ref().ok_or_else(no_key)?;
                let row = unsafe { std::ptr::read(self.__row.get()) };
                let (row, now_ms) = (ManuallyDrop::into_inner(row), abi::now_ms());
                // Nothing was added since the key was looked for: it is still not there.
                let same = table.places() == self.__version.get();
                let index = if same { table.add(key, row, now_ms) } else { table.put(key, row, now_ms) };
                self.__index.set(Some(index));
            }
        }
        self.__changed.set(false);
        self.__version.set(table.version());
        Ok(())
    }

    /// The row was changed or deleted since this copy was made of it.
    #[cold]
    fn overwrite(&self, index: usize) -> Result<()> {
        let table = self.__table.get();
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        let row = unsafe { &mut *self.__row.get() };
        let all = V::clone(row);
        if self.__changed.get() {
            unsafe { Self::drop_own(row) };
        }
        let index = if table.is_live(index) {
            table.set(index, all, abi::now_ms());
            index
        } else {
            table.put(key, all, abi::now_ms())
        };
        self.__index.set(Some(index));
        *row = ManuallyDrop::new(unsafe { std::ptr::read(table.row(index)) });
        Ok(())
    }

    unsafe fn drop_own(row: &mut ManuallyDrop<V>) {
        row.disown(MASK);
        ManuallyDrop::drop(row);
    }

    pub fn delete(&self) -> Result<()> {
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        self.__table.get().delete(key);
        Ok(())
    }
}

impl<K: Key, V: Row, const MASK: u64> Drop for RowHandle<K, V, MASK> {
    #[inline]
    fn drop(&mut self) {
        if self.__changed.get() {
            unsafe { Self::drop_own(self.__row.get_mut()) };
        }
        self.__table.get().release();
    }
}

impl<K: Key, V: Row, const MASK: u64> Deref for RowHandle<K, V, MASK> {
    type Target = V;
    #[inline]
    fn deref(&self) -> &V {
        unsafe { &*self.__row.get() }
    }
}

impl<K: Key, V: Row, const MASK: u64> DerefMut for RowHandle<K, V, MASK> {
    #[inline]
    fn deref_mut(&mut self) -> &mut V {
        let row = self.__row.get_mut();
        if !self.__changed.get() {
            self.__changed.set(true);
            unsafe { row.own(MASK) };
        }
        row
    }
}

/// The value of the current key in a state whose value is a primitive.
pub struct PrimitiveHandle<K: Key, V: Row> {
    __table: Shared<K, V>,
    __key: KeySlot<K>,
    pub value: V,
}

impl<K: Key, V: Row> PrimitiveHandle<K, V> {
    #[inline]
    pub fn open(table: &Shared<K, V>, key: KeySlot<K>) -> Self {
        let row = key.get().as_ref().and_then(|key| table.get().find(key));
        let value = row.map(|index| table.get().row(index).clone()).unwrap_or_default();
        PrimitiveHandle { __table: table.clone(), __key: key, value }
    }

    pub fn get(&self) -> V {
        self.value.clone()
    }

    pub fn set(&mut self, value: V) -> Result<()> {
        self.value = value;
        self.update()
    }

    pub fn update(&self) -> Result<()> {
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        self.__table.get().put(key, self.value.clone(), abi::now_ms());
        Ok(())
    }

    pub fn delete(&self) -> Result<()> {
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        self.__table.get().delete(key);
        Ok(())
    }
}

impl<K: Key, V: Row + Copy + Add<Output = V>> PrimitiveHandle<K, V> {
    /// Adds to the value, stores it and returns the sum.
    pub fn increment(&self, by: V) -> V {
        let table = self.__table.get();
        match self.__key.get() {
            Some(key) => {
                let found = table.find(key);
                let value = found.map(|index| *table.row(index)).unwrap_or_default() + by;
                match found {
                    Some(index) => {
                        table.set(index, value, abi::now_ms());
                    }
                    None => {
                        table.put(key, value, abi::now_ms());
                    }
                }
                value
            }
            None => panic!("{}", no_key()),
        }
    }
}

/// A whole state: for `flush` and for services that read another's state.
pub struct StateFrame<K: Key, V: Row> {
    __table: Shared<K, V>,
    __sql: fn(&str) -> Result<DataFrame>,
}

impl<K: Key, V: Row> StateFrame<K, V> {
    pub fn open(table: &Shared<K, V>, sql: fn(&str) -> Result<DataFrame>) -> Self {
        StateFrame { __table: table.clone(), __sql: sql }
    }

    pub fn sql(&self, query: &str) -> Result<DataFrame> {
        (self.__sql)(query)
    }

    pub fn len(&self) -> usize {
        self.__table.get().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Key, V: Row> Clone for StateFrame<K, V> {
    fn clone(&self) -> Self {
        StateFrame { __table: self.__table.clone(), __sql: self.__sql }
    }
}

impl<K: Key, V: Row> IntoIterator for StateFrame<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        let rows: Vec<(K, V)> = self.__table.get().iter().map(|(k, v)| (k, v.clone())).collect();
        rows.into_iter()
    }
}
