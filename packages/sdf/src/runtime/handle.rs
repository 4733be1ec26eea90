//! What the function of a state returns: the row of the current key, or the whole table.

use std::cell::Cell as Slot;
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
pub struct RowHandle<K: Key, V: Row> {
    __table: Shared<K, V>,
    __key: KeySlot<K>,
    __index: Slot<Option<usize>>,
    __row: V,
}

impl<K: Key, V: Row> RowHandle<K, V> {
    #[inline]
    pub fn open(table: &Shared<K, V>, key: KeySlot<K>) -> Self {
        let index = key.get().as_ref().and_then(|key| table.get().find(key));
        let row = index.map(|index| table.get().row(index).clone()).unwrap_or_default();
        RowHandle { __table: table.clone(), __key: key, __index: Slot::new(index), __row: row }
    }

    #[inline]
    pub fn update(&self) -> Result<()> {
        let table = self.__table.get();
        if let Some(index) = self.__index.get() {
            if table.set(index, self.__row.clone(), abi::now_ms()) {
                return Ok(());
            }
        }
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        self.__index.set(Some(table.put(key, self.__row.clone(), abi::now_ms())));
        Ok(())
    }

    pub fn delete(&self) -> Result<()> {
        let key = self.__key.get().as_ref().ok_or_else(no_key)?;
        self.__table.get().delete(key);
        Ok(())
    }
}

impl<K: Key, V: Row> Deref for RowHandle<K, V> {
    type Target = V;
    fn deref(&self) -> &V {
        &self.__row
    }
}

impl<K: Key, V: Row> DerefMut for RowHandle<K, V> {
    fn deref_mut(&mut self) -> &mut V {
        &mut self.__row
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
        let rows: Vec<(K, V)> = self.__table.get().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        rows.into_iter()
    }
}
