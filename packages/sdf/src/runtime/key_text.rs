//! A text as a table keeps it for a key: short ones lie in the row's own entry, which saves the way to another place in memory
//! with every look-up.

use super::copy::{copy, copy_text};
use super::hash;

/// Ids of players, sessions and servers are shorter. An entry's key takes 24 bytes with it.
const INLINE_BYTES: usize = 22;

pub enum KeyText {
    Short { length: u8, bytes: [u8; INLINE_BYTES] },
    Long(Box<str>),
}

impl KeyText {
    #[inline]
    pub fn new(text: &str) -> Self {
        if text.len() > INLINE_BYTES {
            return KeyText::Long(copy_text(text).into_boxed_str());
        }
        let mut bytes = [0; INLINE_BYTES];
        // It fits, as was seen.
        unsafe { copy(text.as_ptr(), bytes.as_mut_ptr(), text.len()) };
        KeyText::Short { length: text.len() as u8, bytes }
    }

    #[inline]
    pub fn text(&self) -> &str {
        match self {
            // They were a text when they came in.
            KeyText::Short { length, bytes } => unsafe {
                std::str::from_utf8_unchecked(bytes.get_unchecked(..*length as usize))
            },
            KeyText::Long(text) => text,
        }
    }

    #[inline]
    pub fn same(&self, text: &str) -> bool {
        hash::same(self.text().as_bytes(), text.as_bytes())
    }
}
