//! JSON text as serde_json writes it.

use super::copy::copy;
use super::hash::word;

const HEX: &[u8; 16] = b"0123456789abcdef";

pub fn string(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if !is_plain(bytes) {
        out.push(b'"');
        escaped(out, bytes);
        out.push(b'"');
        return;
    }
    out.reserve(bytes.len() + 2);
    let length = out.len();
    // Within what was reserved.
    unsafe {
        let to = out.as_mut_ptr().add(length);
        *to = b'"';
        copy(bytes.as_ptr(), to.add(1), bytes.len());
        *to.add(1 + bytes.len()) = b'"';
        out.set_len(length + bytes.len() + 2);
    }
}

/// Whether there is nothing to escape; eight bytes at a time, the last of which may overlap the ones before.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    let length = bytes.len();
    if length < 8 {
        return bytes.iter().all(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    }
    let mut at = 0;
    while at + 8 < length {
        if !are_plain(word(bytes, at)) {
            return false;
        }
        at += 8;
    }
    are_plain(word(bytes, length - 8))
}

#[inline(always)]
fn are_plain(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let slash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (quote | slash | word.wrapping_sub(ONES * 0x20)) & !word & HIGHS == 0
}

#[cold]
fn escaped(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut from = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..index]);
        from = index + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[(byte >> 4) as usize]);
                out.push(HEX[(byte & 15) as usize]);
            }
        }
    }
    out.extend_from_slice(&bytes[from..]);
}

/// `prefix` is `{"name":` or `,"name":`, escaped at build time.
#[inline]
pub fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}
