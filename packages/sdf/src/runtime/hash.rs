//! One hash for all keys. Multiply and fold, eight bytes at a time; good spread for short text and for counting integers.
//! Not keyed: a host that takes keys from strangers relies on the table growing by load, not on secrecy.

const A: u64 = 0x9E37_79B9_7F4A_7C15;
const B: u64 = 0xD6E8_FEB8_6659_FD93;

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let wide = (a as u128).wrapping_mul(b as u128);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[inline(always)]
fn finish(h: u64) -> u64 {
    let h = (h ^ (h >> 32)).wrapping_mul(B);
    h ^ (h >> 29)
}

#[inline]
pub fn integer(value: u64) -> u64 {
    finish(value.wrapping_mul(A))
}

#[inline(always)]
fn word(data: &[u8], at: usize) -> u64 {
    u64::from_le_bytes([
        data[at], data[at + 1], data[at + 2], data[at + 3], data[at + 4], data[at + 5], data[at + 6], data[at + 7],
    ])
}

/// Words, the last of which may overlap the one before: no loop over single bytes.
#[inline]
pub fn bytes(data: &[u8]) -> u64 {
    let length = data.len();
    let mut h = A ^ length as u64;
    if length < 8 {
        let mut tail = 0u64;
        for &byte in data {
            tail = tail << 8 | byte as u64;
        }
        return fold(h ^ tail, B) ^ h;
    }
    let mut at = 0;
    while at + 8 < length {
        h = (h ^ word(data, at)).wrapping_mul(A);
        h ^= h >> 32;
        at += 8;
    }
    fold(h ^ word(data, length - 8), B) ^ h
}

#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let length = a.len();
    if length != b.len() {
        return false;
    }
    if length < 8 {
        return a.iter().zip(b).all(|(x, y)| x == y);
    }
    let mut at = 0;
    while at + 8 < length {
        if word(a, at) != word(b, at) {
            return false;
        }
        at += 8;
    }
    word(a, length - 8) == word(b, length - 8)
}
