//! The runtime that every compiled dataflow carries: decoding and encoding, state, windows, SQL, and the exports of the
//! module (see ABI.md). It uses nothing but std, so that rustc alone can build a dataflow.
//!
//! A module is single threaded and never re-entered, which is what makes `Global` sound.

pub mod abi;
pub mod alloc;
pub mod cell;
pub mod codec;
pub mod copy;
pub mod env;
pub mod error;
pub mod frame;
pub mod global;
pub mod handle;
pub mod hash;
pub mod json_fail;
pub mod json_number;
pub mod json_read;
pub mod json_text;
pub mod json_write;
pub mod key_text;
pub mod number;
pub mod persist;
pub mod query;
pub mod report;
pub mod sql;
pub mod table;
pub mod text;
pub mod window;
pub mod windowed;
pub mod zones;

/// What the code of an operator sees without asking, as in SDF.
pub mod prelude {
    pub use super::cell::KeyType;
    pub use super::env as sdf__env;
    pub use super::error::{Context, Error, Result};
    /// What SDF calls the type `bytes`.
    pub type Bytes = Vec<u8>;
    pub use crate::sdfg;
    pub use crate::__sdf_format as format;
    pub use crate::__sdf_print as print;
    pub use crate::__sdf_println as println;
    pub use crate::__sdf_println as eprintln;
}

/// What the generated code around the operators uses.
pub mod glue {
    pub use super::abi::{emit, Record};
    pub use super::cell::{Cell, Column, Key, KeyType, Kind, Row};
    pub use super::codec::{Raw, Value};
    pub use super::error::{Error, IntoError, Result};
    pub use super::frame::DataFrame;
    pub use super::global::{made, Global};
    pub use super::handle::{PrimitiveHandle, RowHandle, StateFrame};
    pub use super::json_read::{Fail, Order, Reader, DONE};
    pub use super::json_write as json;
    pub use super::persist::Input;
    pub use super::report::{decode_failed, enter, failed, failed_again, filtered, flushed, late, passed};
    pub use super::table::{shared, Shared, Table, TableApi};
    pub use super::window::{Holder, WindowSpec};
    pub use super::windowed::Windowed;
    pub use std::rc::Rc;
}
