//! How values of the dataflow's types come from records and go into them: `json` and `raw` converters.

use super::json_read::{Fail, Reader};
use super::copy::{append, copy_text};
use super::{json_write, number};

/// A type of the dataflow in JSON. Object and enum types get theirs from the compiler.
pub trait Value: Sized + Clone {
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail>;
    /// Reads over the value with the checks of `read`, and keeps nothing.
    fn check(r: &mut Reader<'_>) -> Result<(), Fail> {
        Self::read(r).map(|_| ())
    }
    /// Stands for a field that no operator looks at.
    fn blank() -> Self;
    /// `clone`, without a call into the standard library for each text.
    #[inline]
    fn copy(&self) -> Self {
        self.clone()
    }
    fn write(&self, out: &mut Vec<u8>);
}

/// A type that can be a record's bytes as they are: primitives, string and bytes.
pub trait Raw: Sized {
    fn from_raw(data: &[u8]) -> Result<Self, Fail>;
    fn to_raw(&self, out: &mut Vec<u8>);
}

impl Value for String {
    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
        r.owned_string()
    }
    #[inline(always)]
    fn check(r: &mut Reader<'_>) -> Result<(), Fail> {
        r.check_string()
    }
    fn blank() -> Self {
        String::new()
    }
    #[inline]
    fn copy(&self) -> Self {
        copy_text(self)
    }
    fn write(&self, out: &mut Vec<u8>) {
        json_write::string(out, self);
    }
}

impl Raw for String {
    fn from_raw(data: &[u8]) -> Result<Self, Fail> {
        match std::str::from_utf8(data) {
            Ok(text) => Ok(copy_text(text)),
            Err(error) => Err(Fail::new("invalid UTF-8", error.valid_up_to())),
        }
    }
    fn to_raw(&self, out: &mut Vec<u8>) {
        append(out, self.as_bytes());
    }
}

impl Value for bool {
    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
        r.boolean()
    }
    fn blank() -> Self {
        false
    }
    fn write(&self, out: &mut Vec<u8>) {
        json_write::raw(out, if *self { "true" } else { "false" });
    }
}

impl Raw for bool {
    fn from_raw(data: &[u8]) -> Result<Self, Fail> {
        match data {
            [.., last] => Ok(last & 1 == 1),
            [] => Err(Fail::new("expected at least one byte for bool", 0)),
        }
    }
    fn to_raw(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }
}

impl Value for () {
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
        if r.null() {
            return Ok(());
        }
        Err(r.fail("invalid type: expected null"))
    }
    fn blank() -> Self {}
    fn write(&self, out: &mut Vec<u8>) {
        json_write::raw(out, "null");
    }
}

macro_rules! raw_number {
    ($type:ty) => {
        impl Raw for $type {
            fn from_raw(data: &[u8]) -> Result<Self, Fail> {
                let bytes = <[u8; std::mem::size_of::<$type>()]>::try_from(data).map_err(|_| {
                    let size = std::mem::size_of::<$type>();
                    Fail::new(format!("expected {} bytes for {}, found {}", size, stringify!($type), data.len()), 0)
                })?;
                Ok(<$type>::from_be_bytes(bytes))
            }
            fn to_raw(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }
    };
}

macro_rules! unsigned {
    ($($type:ty),*) => { $(
        impl Value for $type {
            #[inline]
            fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
                let (negative, value) = r.integer(stringify!($type))?;
                if negative && value != 0 {
                    return Err(r.out_of_range(stringify!($type)));
                }
                <$type>::try_from(value).map_err(|_| r.out_of_range(stringify!($type)))
            }
            fn blank() -> Self { 0 }
            fn write(&self, out: &mut Vec<u8>) { number::write_u64(out, *self as u64); }
        }
        raw_number!($type);
    )* };
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($type:ty),*) => { $(
        impl Value for $type {
            #[inline]
            fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
                let (negative, value) = r.integer(stringify!($type))?;
                let limit = i64::MAX as u64 + negative as u64;
                if value > limit {
                    return Err(r.out_of_range(stringify!($type)));
                }
                let value = if negative { (value as i64).wrapping_neg() } else { value as i64 };
                <$type>::try_from(value).map_err(|_| r.out_of_range(stringify!($type)))
            }
            fn blank() -> Self { 0 }
            fn write(&self, out: &mut Vec<u8>) { number::write_i64(out, *self as i64); }
        }
        raw_number!($type);
    )* };
}
signed!(i8, i16, i32, i64);

macro_rules! float {
    ($($type:ty, $write:ident);*) => { $(
        impl Value for $type {
            #[inline]
            fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
                r.float(stringify!($type)).map(|value| value as $type)
            }
            #[inline]
            fn check(r: &mut Reader<'_>) -> Result<(), Fail> {
                r.check_float(stringify!($type))
            }
            fn blank() -> Self { 0.0 }
            fn write(&self, out: &mut Vec<u8>) { number::$write(out, *self); }
        }
        raw_number!($type);
    )* };
}
float!(f32, write_f32; f64, write_f64);

impl<T: Value> Value for Vec<T> {
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
        r.begin(b'[', "a list")?;
        let mut first = true;
        let mut items = Vec::new();
        while r.next_item(&mut first)? {
            items.push(T::read(r).map_err(|fail| fail.at(&items.len().to_string()))?);
        }
        Ok(items)
    }
    fn check(r: &mut Reader<'_>) -> Result<(), Fail> {
        r.begin(b'[', "a list")?;
        let (mut first, mut index) = (true, 0usize);
        while r.next_item(&mut first)? {
            T::check(r).map_err(|fail| fail.at(&index.to_string()))?;
            index += 1;
        }
        Ok(())
    }
    fn blank() -> Self {
        Vec::new()
    }
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            item.write(out);
        }
        out.push(b']');
    }
}

impl Raw for Vec<u8> {
    fn from_raw(data: &[u8]) -> Result<Self, Fail> {
        Ok(data.to_vec())
    }
    fn to_raw(&self, out: &mut Vec<u8>) {
        append(out, self);
    }
}

impl<T: Value> Value for Option<T> {
    #[inline]
    fn read(r: &mut Reader<'_>) -> Result<Self, Fail> {
        if r.null() {
            return Ok(None);
        }
        T::read(r).map(Some)
    }
    #[inline]
    fn check(r: &mut Reader<'_>) -> Result<(), Fail> {
        if r.null() {
            return Ok(());
        }
        T::check(r)
    }
    fn blank() -> Self {
        None
    }
    #[inline]
    fn copy(&self) -> Self {
        self.as_ref().map(T::copy)
    }
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => json_write::raw(out, "null"),
        }
    }
}
