//! Texts in JSON: found by words, checked for encoding only when they are not ASCII, copied only when they are kept.

use std::borrow::Cow;

use super::json_fail::Fail;
use super::json_read::Reader;

#[cfg(not(target_feature = "simd128"))]
const ONES: u64 = 0x0101_0101_0101_0101;
#[cfg(not(target_feature = "simd128"))]
const HIGHS: u64 = 0x8080_8080_8080_8080;

#[cfg(target_feature = "simd128")]
#[repr(align(16))]
struct Sixteen([u8; 16]);

/// A slash, the first byte that is no control character, and a quote.
#[cfg(target_feature = "simd128")]
static STOPS: [Sixteen; 3] = [Sixteen([b'\\'; 16]), Sixteen([b' '; 16]), Sixteen([b'"'; 16])];

impl<'a> Reader<'a> {
    pub fn string(&mut self, expected: &str) -> Result<Cow<'a, str>, Fail> {
        if self.space() != b'"' {
            return Err(self.unexpected(expected));
        }
        // `raw_string` has checked the encoding.
        Ok(match self.raw_string()? {
            Cow::Borrowed(raw) => Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(raw) }),
            Cow::Owned(raw) => Cow::Owned(unsafe { String::from_utf8_unchecked(raw) }),
        })
    }

    /// The string as an owned one.
    #[inline]
    pub fn owned_string(&mut self) -> Result<String, Fail> {
        let from = self.at;
        if self.byte() == b'"' {
            self.scan_plain();
            if self.byte() == b'"' {
                let length = self.at as usize - from as usize - 1;
                self.skip_bytes(1);
                return Ok(unsafe { copy(std::slice::from_raw_parts(from.add(1), length)) });
            }
        }
        self.at = from;
        self.odd_string()
    }

    #[inline(never)]
    fn odd_string(&mut self) -> Result<String, Fail> {
        self.string("string").map(Cow::into_owned)
    }

    /// Reads over a string with the checks of `string`.
    #[inline(always)]
    pub fn check_string(&mut self) -> Result<(), Fail> {
        let from = self.at;
        if self.byte() == b'"' {
            self.scan_plain();
            if self.byte() == b'"' {
                self.skip_bytes(1);
                return Ok(());
            }
        }
        self.at = from;
        self.check_odd_string()
    }

    /// From the opening quote to the first byte that ends the string or is not simply a letter of it: no letter of ASCII.
    #[cfg(target_feature = "simd128")]
    #[inline(always)]
    fn scan_plain(&mut self) {
        use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_lt, v128, v128_load, v128_or};
        // Volatile, or they become constants, which V8 makes anew, by three instructions each, wherever they are used.
        let of = |index: usize| unsafe { std::ptr::read_volatile(&STOPS[index] as *const Sixteen as *const v128) };
        self.skip_bytes(1);
        loop {
            // Sixteen bytes behind the record are readable.
            let bytes = unsafe { v128_load(self.at as *const _) };
            // Bytes of other letters than ASCII's are negative.
            let other = v128_or(i8x16_eq(bytes, of(0)), i8x16_lt(bytes, of(1)));
            let stops = i8x16_bitmask(v128_or(i8x16_eq(bytes, of(2)), other)) as u32;
            if stops != 0 {
                self.skip_bytes(stops.trailing_zeros() as usize);
                return;
            }
            self.skip_bytes(16);
        }
    }

    /// By words where there are no wide registers.
    #[cfg(not(target_feature = "simd128"))]
    #[inline(always)]
    fn scan_plain(&mut self) {
        self.skip_bytes(1);
        loop {
            let word = unsafe { std::ptr::read_unaligned(self.at as *const u64) };
            // As in `scan`.
            let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
            let slash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
            let stops = (quote | slash | word.wrapping_sub(ONES * 0x20) | word) & HIGHS;
            if stops != 0 {
                self.skip_bytes((stops.trailing_zeros() / 8) as usize);
                return;
            }
            self.skip_bytes(8);
        }
    }

    /// With escapes, space in front, or other letters than ASCII's; or no string.
    #[inline(never)]
    fn check_odd_string(&mut self) -> Result<(), Fail> {
        if self.space() != b'"' {
            return Err(self.unexpected("string"));
        }
        self.raw_string().map(|_| ())
    }

    /// From the opening quote to the byte that ends the plain part of the string. Its result is not 0 when the string is not
    /// ASCII.
    #[cfg(target_feature = "simd128")]
    #[inline(always)]
    fn scan(&mut self) -> u32 {
        use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, u8x16_lt, u8x16_splat, v128_load, v128_or};
        self.skip_bytes(1);
        let mut seen = 0u32;
        loop {
            // Sixteen bytes behind the record are readable.
            let bytes = unsafe { v128_load(self.at as *const _) };
            let quote = i8x16_eq(bytes, i8x16_splat(b'"' as i8));
            let slash = i8x16_eq(bytes, i8x16_splat(b'\\' as i8));
            let control = u8x16_lt(bytes, u8x16_splat(0x20));
            let stops = i8x16_bitmask(v128_or(v128_or(quote, slash), control)) as u32;
            let highs = i8x16_bitmask(bytes) as u32;
            if stops == 0 {
                seen |= highs;
                self.skip_bytes(16);
                continue;
            }
            seen |= highs & (stops & stops.wrapping_neg()).wrapping_sub(1);
            self.skip_bytes(stops.trailing_zeros() as usize);
            return seen;
        }
    }

    /// By words where there are no wide registers.
    #[cfg(not(target_feature = "simd128"))]
    #[inline(always)]
    fn scan(&mut self) -> u32 {
        self.skip_bytes(1);
        let mut seen = 0u64;
        loop {
            let word = unsafe { std::ptr::read_unaligned(self.at as *const u64) };
            // A byte below the one it is compared with borrows into its high bit; a borrow passes on only above such a byte.
            let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
            let slash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
            let stop = (quote | slash | word.wrapping_sub(ONES * 0x20)) & !word & HIGHS;
            if stop == 0 {
                seen |= word;
                self.skip_bytes(8);
                continue;
            }
            // Only high bits below the stop's are of the string; the others of `seen` tell nothing.
            seen |= word & (stop & stop.wrapping_neg()).wrapping_sub(1);
            self.skip_bytes((stop.trailing_zeros() / 8) as usize);
            return (seen & HIGHS != 0) as u32;
        }
    }

    /// At the opening quote. The bytes of the string, unescaped and valid UTF-8.
    pub(super) fn raw_string(&mut self) -> Result<Cow<'a, [u8]>, Fail> {
        let from = self.at;
        let seen = self.scan();
        let part = unsafe { std::slice::from_raw_parts(from.add(1), self.at as usize - from as usize - 1) };
        match self.byte() {
            b'"' => {
                if seen != 0 && std::str::from_utf8(part).is_err() {
                    return Err(self.fail("invalid UTF-8 in a string"));
                }
                self.skip_bytes(1);
                Ok(Cow::Borrowed(part))
            }
            b'\\' => self.escaped(part).map(Cow::Owned),
            _ => Err(self.fail("invalid JSON: unfinished string or control character in a string")),
        }
    }

    #[cold]
    fn escaped(&mut self, before: &[u8]) -> Result<Vec<u8>, Fail> {
        let mut out = before.to_vec();
        loop {
            match self.byte() {
                b'"' => {
                    self.skip_bytes(1);
                    if std::str::from_utf8(&out).is_err() {
                        return Err(self.fail("invalid UTF-8 in a string"));
                    }
                    return Ok(out);
                }
                b'\\' => self.escape(&mut out)?,
                byte if byte < 0x20 => {
                    return Err(self.fail("invalid JSON: unfinished string or control character in a string"))
                }
                byte => {
                    out.push(byte);
                    self.skip_bytes(1);
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Fail> {
        self.skip_bytes(1);
        let plain = match self.byte() {
            b'"' => b'"',
            b'\\' => b'\\',
            b'/' => b'/',
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.skip_bytes(1);
                let c = self.code_point()?;
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.fail("invalid JSON: unknown escape")),
        };
        out.push(plain);
        self.skip_bytes(1);
        Ok(())
    }

    fn code_point(&mut self) -> Result<char, Fail> {
        let high = self.hex4()?;
        let mut code = high;
        if (0xD800..0xDC00).contains(&high) {
            if self.byte() != b'\\' || unsafe { *self.at.add(1) } != b'u' {
                return Err(self.fail("invalid JSON: lone surrogate"));
            }
            self.skip_bytes(2);
            let low = self.hex4()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(self.fail("invalid JSON: lone surrogate"));
            }
            code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
        char::from_u32(code).ok_or_else(|| self.fail("invalid JSON: lone surrogate"))
    }

    fn hex4(&mut self) -> Result<u32, Fail> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = (self.byte() as char).to_digit(16);
            let digit = digit.ok_or_else(|| self.fail("invalid JSON: expected four hex digits"))?;
            code = code * 16 + digit;
            self.skip_bytes(1);
        }
        Ok(code)
    }
}

/// Copies by words: the input is readable past the text, and the capacity is rounded up to what is written.
#[inline]
unsafe fn copy(text: &[u8]) -> String {
    let length = text.len();
    let mut out: Vec<u8> = Vec::with_capacity((length + 15) & !15);
    let (from, to) = (text.as_ptr(), out.as_mut_ptr());
    let mut by = 0;
    while by < length {
        let two = std::ptr::read_unaligned(from.add(by) as *const [u64; 2]);
        std::ptr::write_unaligned(to.add(by) as *mut [u64; 2], two);
        by += 16;
    }
    out.set_len(length);
    String::from_utf8_unchecked(out)
}
