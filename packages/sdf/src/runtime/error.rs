//! The error of operators: the part of `anyhow` that SDF's documents use, as `Result`, `sdfg::anyhow::anyhow!` and `Context`.

use std::fmt;

pub struct Error {
    message: String,
}

pub type Result<T, E = Error> = core::result::Result<T, E>;

impl Error {
    pub fn msg<M: fmt::Display>(message: M) -> Self {
        Error {
            message: message.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// `Error` itself is no `std::error::Error`, as in anyhow, or this impl would overlap with the identity.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Error::msg(error)
    }
}

pub trait Context<T> {
    fn context<C: fmt::Display>(self, context: C) -> Result<T>;
    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T>;
}

impl<T, E: IntoError> Context<T> for core::result::Result<T, E> {
    fn context<C: fmt::Display>(self, context: C) -> Result<T> {
        self.map_err(|e| Error::msg(format!("{}: {}", context, e.into_error())))
    }

    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T> {
        self.map_err(|e| Error::msg(format!("{}: {}", context(), e.into_error())))
    }
}

impl<T> Context<T> for Option<T> {
    fn context<C: fmt::Display>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context))
    }

    fn with_context<C: fmt::Display, F: FnOnce() -> C>(self, context: F) -> Result<T> {
        self.ok_or_else(|| Error::msg(context()))
    }
}

/// What an operator may have in the error place of its `Result`; packages use `String`.
pub trait IntoError {
    fn into_error(self) -> Error;
}

impl IntoError for Error {
    fn into_error(self) -> Error {
        self
    }
}

impl IntoError for String {
    fn into_error(self) -> Error {
        Error { message: self }
    }
}

impl IntoError for &str {
    fn into_error(self) -> Error {
        Error::msg(self)
    }
}

macro_rules! from_std_error {
    ($($name:ty),*) => { $(impl IntoError for $name {
        fn into_error(self) -> Error { Error::msg(self) }
    })* };
}
from_std_error!(
    std::num::ParseIntError,
    std::num::ParseFloatError,
    std::num::TryFromIntError,
    std::string::FromUtf8Error,
    std::str::Utf8Error,
    std::fmt::Error,
    std::env::VarError
);

#[macro_export]
macro_rules! __sdf_anyhow {
    ($message:literal $(,)?) => { $crate::rt::error::Error::msg(format!($message)) };
    ($error:expr $(,)?) => { $crate::rt::error::Error::msg($error) };
    ($format:expr, $($argument:tt)*) => { $crate::rt::error::Error::msg(format!($format, $($argument)*)) };
}

#[macro_export]
macro_rules! __sdf_bail {
    ($($argument:tt)*) => { return Err($crate::__sdf_anyhow!($($argument)*)) };
}

#[macro_export]
macro_rules! __sdf_ensure {
    ($condition:expr $(,)?) => {
        if !$condition { return Err($crate::rt::error::Error::msg(concat!("condition failed: ", stringify!($condition)))) }
    };
    ($condition:expr, $($argument:tt)*) => {
        if !$condition { return Err($crate::__sdf_anyhow!($($argument)*)) }
    };
}

#[macro_export]
macro_rules! __sdf_println {
    ($($argument:tt)*) => { $crate::rt::report::info(&format!($($argument)*)) };
}

#[macro_export]
macro_rules! __sdf_print {
    ($($argument:tt)*) => { $crate::rt::report::info(&format!($($argument)*)) };
}
