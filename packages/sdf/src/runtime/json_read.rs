//! A pull parser for JSON, as strict as serde_json on syntax and types, and tolerant of unknown fields. Texts are read in
//! json_text.rs, numbers in json_number.rs.
//!
//! It reads through raw pointers: the byte after the last one of a record is set to 0 while it is read (`Reader::new` asks
//! for that), so that no look at the next byte needs a bounds check. A 0 is never valid JSON, hence every loop stops on it.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::global::Global;
pub use super::json_fail::Fail;

/// What `Reader::next_key` returns after the last field, and for a field that is not in the list.
pub const DONE: usize = usize::MAX;
pub const UNKNOWN: usize = usize::MAX - 1;
const DEPTH_MAX: u32 = 128;

pub struct Reader<'a> {
    pub(super) at: *const u8,
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
    pub(super) fn byte(&self) -> u8 {
        unsafe { *self.at }
    }

    #[inline(always)]
    pub(super) fn skip_bytes(&mut self, n: usize) {
        self.at = unsafe { self.at.add(n) };
    }

    fn offset(&self) -> usize {
        self.at as usize - self.start as usize
    }

    #[inline(always)]
    pub(super) fn space(&mut self) -> u8 {
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
    pub(super) fn unexpected(&mut self, expected: &str) -> Fail {
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
    /// field. `order` is what earlier objects of this type had, and `next` the place in it of the name expected next: writers
    /// keep their order of fields, so the usual case is one comparison, also for fields that the type does not have.
    #[inline]
    pub fn next_key(
        &mut self,
        names: &'static [&'static [u8]],
        order: &'static Global<Order>,
        next: &mut usize,
        first: &mut bool,
    ) -> Result<usize, Fail> {
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
        if let Some((name, index)) = order.get().0.get(*next) {
            if unsafe { starts_with(self.at, name) } {
                self.skip_bytes(name.len());
                *next += 1;
                return Ok(*index);
            }
        }
        if byte != b'"' {
            return Err(self.fail("invalid JSON: expected a field name"));
        }
        self.other_key(names, order.get(), next)
    }

    /// A name that was not expected here, or is written with escapes or space.
    #[inline(never)]
    fn other_key(&mut self, names: &'static [&'static [u8]], order: &mut Order, next: &mut usize) -> Result<usize, Fail> {
        for (at, (name, index)) in order.0.iter().enumerate() {
            if unsafe { starts_with(self.at, name) } {
                self.skip_bytes(name.len());
                *next = at + 1;
                return Ok(*index);
            }
        }
        let from = self.at;
        let name = self.raw_string()?;
        let (found, plain) = match name {
            Cow::Borrowed(name) => (find(names, name), true),
            Cow::Owned(ref name) => (find(names, name), false),
        };
        if self.space() != b':' {
            return Err(self.fail("invalid JSON: expected :"));
        }
        self.skip_bytes(1);
        let length = self.at as usize - from as usize;
        let token = unsafe { std::slice::from_raw_parts(from, length) };
        if plain && length >= NAME_BYTES_MIN && token[length - 2] == b'"' {
            order.learn(token, found, next);
        }
        Ok(found)
    }

    /// Takes a field's name and colon, when they are what comes next and written as most writers do, without space.
    #[inline(always)]
    pub fn take_name(&mut self, name: &'static [u8]) -> bool {
        let same = unsafe { starts_with(self.at, name) };
        if same {
            self.skip_bytes(name.len());
        }
        same
    }

    /// Takes the end of an object, when it comes next.
    #[inline(always)]
    pub fn take_end(&mut self) -> bool {
        let end = self.byte() == b'}';
        if end {
            self.skip_bytes(1);
            self.depth -= 1;
        }
        end
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

    // ---- anything ----

    /// Reads over a value of any type, checking its syntax.
    pub fn skip(&mut self) -> Result<(), Fail> {
        match self.space() {
            b'"' => self.check_string(),
            b'{' => {
                self.begin(b'{', "an object")?;
                let (mut next, mut first) = (0, true);
                while self.next_key(&[], &UNTYPED, &mut next, &mut first)? != DONE {
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

fn find(names: &'static [&'static [u8]], name: &[u8]) -> usize {
    names.iter().position(|token| token[1..token.len() - 2] == *name).unwrap_or(UNKNOWN)
}

/// Names with their quotes and colon, in the order in which writers were seen to have them, and their index.
pub struct Order(Vec<(Vec<u8>, usize)>);

/// Names learned of one type: a writer that invents names must not fill memory.
const ORDER_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;
/// What `starts_with` needs.
const NAME_BYTES_MIN: usize = 4;

impl Order {
    pub const fn new() -> Self {
        Order(Vec::new())
    }

    #[cold]
    fn learn(&mut self, token: &[u8], index: usize, next: &mut usize) {
        if self.0.len() < ORDER_MAX && token.len() <= NAME_BYTES_MAX {
            let at = (*next).min(self.0.len());
            self.0.insert(at, (token.to_vec(), index));
            *next = at + 1;
        }
    }
}

/// For objects that no type describes.
static UNTYPED: Global<Order> = Global::new(Order::new());
