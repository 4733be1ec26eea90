//! A pull parser for JSON, as strict as serde_json on syntax and types, and tolerant of unknown fields.
//!
//! It reads through raw pointers: the byte after the last one of a record is set to 0 while it is read (`Reader::new` asks
//! for that), so that no look at the next byte needs a bounds check. A 0 is never valid JSON, hence every loop stops on it.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::number;

/// What `Reader::next_key` returns after the last field, and for a field that is not in the list.
pub const DONE: usize = usize::MAX;
pub const UNKNOWN: usize = usize::MAX - 1;
const DEPTH_MAX: u32 = 128;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Why a record could not be decoded. Boxed: the good path returns it by one word.
pub struct Fail(Box<Cause>);

struct Cause {
    message: String,
    path: Vec<String>,
    offset: usize,
}

impl Fail {
    #[cold]
    pub fn new(message: impl Into<String>, offset: usize) -> Self {
        Fail(Box::new(Cause { message: message.into(), path: Vec::new(), offset }))
    }

    /// Adds the field around the place that failed; called from the inside out.
    #[cold]
    pub fn at(mut self, field: &str) -> Self {
        self.0.path.push(field.to_string());
        self
    }

    #[cold]
    pub fn text(&self) -> String {
        let mut text = self.0.message.clone();
        if !self.0.path.is_empty() {
            let fields: Vec<&str> = self.0.path.iter().rev().map(|s| s.as_str()).collect();
            text.push_str(&format!(" at field \"{}\"", fields.join(".")));
        }
        text.push_str(&format!(" (offset {})", self.0.offset));
        text
    }
}

pub struct Reader<'a> {
    at: *const u8,
    start: *const u8,
    end: *const u8,
    depth: u32,
    data: PhantomData<&'a [u8]>,
}

impl<'a> Reader<'a> {
    /// # Safety
    /// The byte after `data` is readable and 0 while the reader lives, and 16 more after it are readable.
    pub unsafe fn new(data: &'a [u8]) -> Self {
        let range = data.as_ptr_range();
        Reader { at: range.start, start: range.start, end: range.end, depth: 0, data: PhantomData }
    }

    #[inline(always)]
    fn byte(&self) -> u8 {
        unsafe { *self.at }
    }

    #[inline(always)]
    fn skip_bytes(&mut self, n: usize) {
        self.at = unsafe { self.at.add(n) };
    }

    fn offset(&self) -> usize {
        self.at as usize - self.start as usize
    }

    #[inline(always)]
    fn space(&mut self) -> u8 {
        loop {
            let byte = self.byte();
            if byte > b' ' || !(byte == b' ' || byte == b'\n' || byte == b'\r' || byte == b'\t') {
                return byte;
            }
            self.skip_bytes(1);
        }
    }

    #[cold]
    pub fn fail(&self, message: &str) -> Fail {
        if self.at >= self.end {
            return Fail::new(format!("{}, found the end of the record", message), self.offset());
        }
        Fail::new(message, self.offset())
    }

    /// An object has ended without it.
    #[cold]
    pub fn missing(&self, field: &str) -> Fail {
        Fail::new("missing field", self.offset()).at(field)
    }

    #[cold]
    fn unexpected(&mut self, expected: &str) -> Fail {
        let found = match self.space() {
            b'"' => "a string",
            b'{' => "an object",
            b'[' => "a list",
            b't' | b'f' => "a boolean",
            b'n' => "null",
            b'-' | b'0'..=b'9' => "a number",
            _ if self.at >= self.end => "the end of the record",
            _ => return Fail::new(format!("invalid JSON: expected {}", expected), self.offset()),
        };
        Fail::new(format!("invalid type: expected {}, found {}", expected, found), self.offset())
    }

    /// After the value: nothing but white space may follow.
    pub fn finish(&mut self) -> Result<(), Fail> {
        self.space();
        if self.at < self.end {
            return Err(self.fail("trailing characters"));
        }
        Ok(())
    }

    #[inline]
    fn literal(&mut self, text: &'static [u8]) -> bool {
        // Up to 4 bytes past the sentinel are read; the padding allows it.
        let same = unsafe { std::slice::from_raw_parts(self.at, text.len()) } == text;
        if same {
            self.skip_bytes(text.len());
        }
        same
    }

    #[inline]
    pub fn null(&mut self) -> bool {
        self.space() == b'n' && self.literal(b"null")
    }

    pub fn boolean(&mut self) -> Result<bool, Fail> {
        let first = self.space();
        if first == b't' && self.literal(b"true") {
            return Ok(true);
        }
        if first == b'f' && self.literal(b"false") {
            return Ok(false);
        }
        Err(self.unexpected("bool"))
    }

    // ---- objects and lists ----

    #[inline]
    pub fn begin(&mut self, open: u8, expected: &str) -> Result<(), Fail> {
        if self.space() != open {
            return Err(self.unexpected(expected));
        }
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fail("nested too deep"));
        }
        self.skip_bytes(1);
        Ok(())
    }

    /// Reads a field's name and colon and returns the index of the name in `names`, `UNKNOWN`, or `DONE` after the last
    /// field. `names` are as most writers have them, `"name":`, and `hint` is the one expected next: writers keep their
    /// order of fields, so the usual case is one comparison.
    #[inline]
    pub fn next_key(&mut self, names: &'static [&'static [u8]], hint: &mut usize, first: &mut bool) -> Result<usize, Fail> {
        let mut byte = self.space();
        if byte == b'}' {
            self.skip_bytes(1);
            self.depth -= 1;
            return Ok(DONE);
        }
        if *first {
            *first = false;
        } else {
            if byte != b',' {
                return Err(self.fail("invalid JSON: expected , or }"));
            }
            self.skip_bytes(1);
            byte = self.space();
        }
        if *hint < names.len() && unsafe { starts_with(self.at, names[*hint]) } {
            self.skip_bytes(names[*hint].len());
            *hint += 1;
            return Ok(*hint - 1);
        }
        if byte != b'"' {
            return Err(self.fail("invalid JSON: expected a field name"));
        }
        self.other_key(names, hint)
    }

    /// A name that was not expected here, or is written with escapes or space.
    #[inline(never)]
    fn other_key(&mut self, names: &'static [&'static [u8]], hint: &mut usize) -> Result<usize, Fail> {
        let name = self.raw_string()?;
        let found = match name {
            Cow::Borrowed(name) => find(names, name, hint),
            Cow::Owned(ref name) => find(names, name, hint),
        };
        if self.space() != b':' {
            return Err(self.fail("invalid JSON: expected :"));
        }
        self.skip_bytes(1);
        Ok(found)
    }

    /// True when another item follows; false after the closing bracket.
    #[inline]
    pub fn next_item(&mut self, first: &mut bool) -> Result<bool, Fail> {
        let byte = self.space();
        if byte == b']' {
            self.skip_bytes(1);
            self.depth -= 1;
            return Ok(false);
        }
        if *first {
            *first = false;
            return Ok(true);
        }
        if byte != b',' {
            return Err(self.fail("invalid JSON: expected , or ]"));
        }
        self.skip_bytes(1);
        if self.space() == b']' {
            return Err(self.fail("invalid JSON: trailing comma"));
        }
        Ok(true)
    }

    /// The tag of an enum: `"Name"` (false) or `{"Name": …` (true, the value follows and `end_variant` after it).
    pub fn variant(&mut self, expected: &str) -> Result<(Cow<'a, str>, bool), Fail> {
        match self.space() {
            b'"' => Ok((self.string(expected)?, false)),
            b'{' => {
                self.begin(b'{', expected)?;
                if self.space() != b'"' {
                    return Err(self.fail("invalid JSON: expected a variant name"));
                }
                let name = self.string(expected)?;
                if self.space() != b':' {
                    return Err(self.fail("invalid JSON: expected :"));
                }
                self.skip_bytes(1);
                Ok((name, true))
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    pub fn end_variant(&mut self) -> Result<(), Fail> {
        if self.space() != b'}' {
            return Err(self.fail("invalid JSON: expected } after the variant"));
        }
        self.skip_bytes(1);
        self.depth -= 1;
        Ok(())
    }

    // ---- strings ----

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
        match self.string("string")? {
            Cow::Owned(text) => Ok(text),
            Cow::Borrowed(text) => Ok(unsafe { copy(text) }),
        }
    }

    /// At the opening quote. The bytes of the string, unescaped and valid UTF-8.
    fn raw_string(&mut self) -> Result<Cow<'a, [u8]>, Fail> {
        self.skip_bytes(1);
        let from = self.at;
        let mut seen = 0u64;
        loop {
            let word = unsafe { std::ptr::read_unaligned(self.at as *const u64) };
            let quote = word ^ (ONES * b'"' as u64);
            let slash = word ^ (ONES * b'\\' as u64);
            let stop = (quote.wrapping_sub(ONES) & !quote)
                | (slash.wrapping_sub(ONES) & !slash)
                | (word.wrapping_sub(ONES * 0x20) & !word);
            let stop = stop & HIGHS;
            if stop == 0 {
                seen |= word;
                self.skip_bytes(8);
                continue;
            }
            let bytes = (stop.trailing_zeros() / 8) as usize;
            // Only the bytes before the stop are part of the string.
            seen |= word & ((1u64 << (bytes * 8)) - 1);
            self.skip_bytes(bytes);
            break;
        }
        let part = unsafe { std::slice::from_raw_parts(from, self.at as usize - from as usize) };
        match self.byte() {
            b'"' => {
                if seen & HIGHS != 0 && std::str::from_utf8(part).is_err() {
                    return Err(self.fail("invalid UTF-8 in a string"));
                }
                self.skip_bytes(1);
                Ok(Cow::Borrowed(part))
            }
            b'\\' => self.escaped(part).map(Cow::Owned),
            _ => Err(self.fail("invalid JSON: unfinished string or control character in a string")),
        }
    }

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

    // ---- numbers ----

    /// Sign and magnitude of an integer.
    #[inline]
    pub fn integer(&mut self, expected: &str) -> Result<(bool, u64), Fail> {
        let negative = self.space() == b'-';
        let from = self.at;
        if negative {
            self.skip_bytes(1);
        }
        let first = self.byte();
        if !first.is_ascii_digit() {
            self.at = from;
            return Err(self.unexpected(expected));
        }
        let mut value = (first - b'0') as u64;
        self.skip_bytes(1);
        while self.byte().is_ascii_digit() {
            if first == b'0' {
                return Err(self.fail("invalid JSON: leading zero"));
            }
            let digit = (self.byte() - b'0') as u64;
            value = match value.checked_mul(10).and_then(|v| v.checked_add(digit)) {
                Some(value) => value,
                None => return Err(self.out_of_range(expected)),
            };
            self.skip_bytes(1);
        }
        if matches!(self.byte(), b'.' | b'e' | b'E') {
            return Err(self.fail(&format!("invalid type: expected {}, found a number with a fraction or exponent", expected)));
        }
        Ok((negative, value))
    }

    #[cold]
    pub fn out_of_range(&self, expected: &str) -> Fail {
        self.fail(&format!("number out of range for {}", expected))
    }

    pub fn float(&mut self, expected: &str) -> Result<f64, Fail> {
        let first = self.space();
        let from = self.at;
        if first != b'-' && !first.is_ascii_digit() {
            return Err(self.unexpected(expected));
        }
        let (mantissa, exponent, exact) = self.decimal()?;
        let fast = if exact { number::float(mantissa, exponent) } else { None };
        let value = match fast {
            Some(value) => {
                if first == b'-' {
                    -value
                } else {
                    value
                }
            }
            None => {
                let text = unsafe { std::slice::from_raw_parts(from, self.at as usize - from as usize) };
                let text = unsafe { std::str::from_utf8_unchecked(text) };
                text.parse::<f64>().map_err(|_| self.fail("invalid number"))?
            }
        };
        if value.is_infinite() {
            return Err(self.out_of_range(expected));
        }
        Ok(value)
    }

    /// Digits as an integer, the power of ten, and whether the digits fitted.
    fn decimal(&mut self) -> Result<(u64, i32, bool), Fail> {
        if self.byte() == b'-' {
            self.skip_bytes(1);
        }
        let leading_zero = self.byte() == b'0';
        let (mut mantissa, mut digits) = (0u64, 0u32);
        let whole = self.digits(&mut mantissa, &mut digits)?;
        if leading_zero && whole > 1 {
            return Err(self.fail("invalid JSON: leading zero"));
        }
        let mut exponent = 0i32;
        if self.byte() == b'.' {
            self.skip_bytes(1);
            exponent -= self.digits(&mut mantissa, &mut digits)? as i32;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.skip_bytes(1);
            let negative = self.byte() == b'-';
            if matches!(self.byte(), b'+' | b'-') {
                self.skip_bytes(1);
            }
            let (mut power, mut ignored) = (0u64, 0u32);
            self.digits(&mut power, &mut ignored)?;
            let power = power.min(100_000) as i32;
            exponent += if negative { -power } else { power };
        }
        Ok((mantissa, exponent, digits <= 19))
    }

    /// At least one digit. `digits` counts the significant ones.
    fn digits(&mut self, mantissa: &mut u64, digits: &mut u32) -> Result<u32, Fail> {
        let mut count = 0;
        while self.byte().is_ascii_digit() {
            let digit = (self.byte() - b'0') as u64;
            *mantissa = mantissa.wrapping_mul(10).wrapping_add(digit);
            if *mantissa != 0 {
                *digits += 1;
            }
            count += 1;
            self.skip_bytes(1);
        }
        if count == 0 {
            return Err(self.fail("invalid JSON: expected a digit"));
        }
        Ok(count)
    }

    // ---- anything ----

    /// Reads over a value of any type, checking its syntax.
    pub fn skip(&mut self) -> Result<(), Fail> {
        match self.space() {
            b'"' => self.raw_string().map(|_| ()),
            b'{' => {
                self.begin(b'{', "an object")?;
                let (mut hint, mut first) = (0, true);
                while self.next_key(&[], &mut hint, &mut first)? != DONE {
                    self.skip()?;
                }
                Ok(())
            }
            b'[' => {
                self.begin(b'[', "a list")?;
                let mut first = true;
                while self.next_item(&mut first)? {
                    self.skip()?;
                }
                Ok(())
            }
            b't' | b'f' => self.boolean().map(|_| ()),
            b'n' if self.null() => Ok(()),
            b'-' | b'0'..=b'9' => self.decimal().map(|_| ()),
            _ => Err(self.unexpected("a value")),
        }
    }
}

/// Copies by words: the input is readable past the text, and the capacity is rounded up to what is written.
#[inline]
unsafe fn copy(text: &str) -> String {
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

/// Whether the input at `at` begins with `token`, which has at least 4 bytes; by words, because comparing short runs of
/// bytes is a loop in Wasm.
#[inline(always)]
unsafe fn starts_with(at: *const u8, token: &[u8]) -> bool {
    let (want, length) = (token.as_ptr(), token.len());
    if length < 8 {
        let word = |from: *const u8, by: usize| std::ptr::read_unaligned(from.add(by) as *const u32);
        return word(at, 0) == word(want, 0) && word(at, length - 4) == word(want, length - 4);
    }
    let word = |from: *const u8, by: usize| std::ptr::read_unaligned(from.add(by) as *const u64);
    let mut by = 0;
    while by + 8 < length {
        if word(at, by) != word(want, by) {
            return false;
        }
        by += 8;
    }
    word(at, length - 8) == word(want, length - 8)
}

fn find(names: &'static [&'static [u8]], name: &[u8], hint: &mut usize) -> usize {
    for (index, token) in names.iter().enumerate() {
        if token[1..token.len() - 2] == *name {
            *hint = index + 1;
            return index;
        }
    }
    UNKNOWN
}
