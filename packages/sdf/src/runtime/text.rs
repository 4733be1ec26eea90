//! What `format!` becomes when its text has nothing but `{}` in it (generate-formats.ts).
//!
//! `(&Piece(&value)).push(…)` finds `PushPlain` for texts and integers, and only for other types, one reference further on,
//! `PushAny`: method look-up takes the first that fits.

use std::fmt::{Display, Write};

use super::copy::append;
use super::number;

pub struct Piece<'a, T: ?Sized>(pub &'a T);

pub trait PushPlain {
    fn push(&self, out: &mut String);
}

pub trait PushAny {
    fn push(&self, out: &mut String);
}

impl<T: Display + ?Sized> PushAny for &Piece<'_, T> {
    fn push(&self, out: &mut String) {
        // Only a `Display` that fails can make it fail, and `format!` panics then.
        write!(out, "{}", self.0).expect("a Display implementation returned an error unexpectedly");
    }
}

macro_rules! texts {
    ($($type:ty),*) => { $(
        impl PushPlain for Piece<'_, $type> {
            #[inline]
            fn push(&self, out: &mut String) {
                // It was a text before, and stays one.
                append(unsafe { out.as_mut_vec() }, self.0.as_bytes());
            }
        }
    )* };
}
texts!(str, String, &str, &String, &&str, &&String, &mut String, std::borrow::Cow<'_, str>);

macro_rules! integers {
    ($write:ident as $wide:ty: $($type:ty),*) => { $(
        impl PushPlain for Piece<'_, $type> {
            #[inline]
            fn push(&self, out: &mut String) {
                // Digits and a sign are ASCII.
                number::$write(unsafe { out.as_mut_vec() }, *self.0 as $wide);
            }
        }
        impl PushPlain for Piece<'_, &$type> {
            #[inline]
            fn push(&self, out: &mut String) {
                number::$write(unsafe { out.as_mut_vec() }, **self.0 as $wide);
            }
        }
    )* };
}
integers!(write_u64 as u64: u8, u16, u32, u64, usize);
integers!(write_i64 as i64: i8, i16, i32, i64, isize);
