//! One hash for all keys: words folded through a wide multiplication with secrets of the instance, so that whoever chooses
//! keys cannot choose them to collide. Snapshots hold no hashes, hence do not depend on the secrets.

use std::hash::{BuildHasherDefault, Hasher};

use super::global::Global;

const A: u64 = 0x9E37_79B9_7F4A_7C15;
const B: u64 = 0xD6E8_FEB8_6659_FD93;

struct Secrets {
    set: bool,
    first: u64,
    second: u64,
    third: u64,
}

static SECRETS: Global<Secrets> = Global::new(Secrets { set: false, first: A, second: B, third: A ^ B });

/// Sets the secrets unless they are set: tables that exist were made with them.
pub fn seed(value: u64) {
    let secrets = SECRETS.get();
    if secrets.set {
        return;
    }
    let mut state = value;
    // SplitMix64, whose outputs are all different and none shows the seed.
    let mut next = || {
        state = state.wrapping_add(A);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    // Odd, so that no secret is 0.
    *secrets = Secrets { set: true, first: next() | 1, second: next() | 1, third: next() | 1 };
}

/// Both halves of the product, or'ed together by exclusion. In four parts where there is no wide multiplication.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    if cfg!(target_pointer_width = "64") {
        let wide = (a as u128).wrapping_mul(b as u128);
        return (wide as u64) ^ ((wide >> 64) as u64);
    }
    const LOW: u64 = 0xFFFF_FFFF;
    let (a0, a1, b0, b1) = (a & LOW, a >> 32, b & LOW, b >> 32);
    let (low, mid, high) = (a0 * b0, a1 * b0, a1 * b1);
    let mid = mid + (low >> 32);
    let other = a0 * b1 + (mid & LOW);
    (other << 32 | low & LOW) ^ (high + (mid >> 32) + (other >> 32))
}

#[inline]
pub fn integer(value: u64) -> u64 {
    let Secrets { first, second, .. } = SECRETS.get();
    fold(fold(value ^ *first, *second), A)
}

/// Eight bytes of `data`, which has them.
#[inline(always)]
pub fn word(data: &[u8], at: usize) -> u64 {
    debug_assert!(at + 8 <= data.len());
    u64::from_le(unsafe { std::ptr::read_unaligned(data.as_ptr().add(at) as *const u64) })
}

#[inline(always)]
fn half(data: &[u8], at: usize) -> u64 {
    debug_assert!(at + 4 <= data.len());
    u32::from_le(unsafe { std::ptr::read_unaligned(data.as_ptr().add(at) as *const u32) }) as u64
}

/// Words, the last of which may overlap the one before: no loop over single bytes.
#[inline]
pub fn bytes(data: &[u8]) -> u64 {
    let Secrets { first, second, third, .. } = SECRETS.get();
    let length = data.len();
    let mut h = *third ^ length as u64;
    let (a, b) = if length > 16 {
        let mut at = 0;
        while at + 16 < length {
            h = fold(word(data, at) ^ *first, word(data, at + 8) ^ h);
            at += 16;
        }
        (word(data, length - 16), word(data, length - 8))
    } else if length >= 8 {
        (word(data, 0), word(data, length - 8))
    } else if length >= 4 {
        (half(data, 0), half(data, length - 4))
    } else {
        // One to three bytes, each of them at least once.
        let byte = |at: usize| data[at] as u64;
        if length == 0 {
            (0, 0)
        } else {
            (byte(0) << 8 | byte(length / 2), byte(length - 1))
        }
    };
    fold(fold(a ^ *first, b ^ h) ^ *second, h)
}

#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    let length = a.len();
    if length != b.len() {
        return false;
    }
    if length < 8 {
        if length < 4 {
            return a.iter().zip(b).all(|(x, y)| x == y);
        }
        return half(a, 0) == half(b, 0) && half(a, length - 4) == half(b, length - 4);
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

/// The same hash for the standard library's maps.
pub type Seeded = BuildHasherDefault<Spread>;

#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, data: &[u8]) {
        self.0 ^= bytes(data);
    }
    /// Lengths come before the bytes of a text, which have their length in their hash.
    fn write_usize(&mut self, _: usize) {}
    fn finish(&self) -> u64 {
        self.0
    }
}
