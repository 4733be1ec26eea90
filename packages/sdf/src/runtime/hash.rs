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

#[inline]
pub fn bytes(data: &[u8]) -> u64 {
    let mut h = A ^ data.len() as u64;
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0u8; 8];
        word.copy_from_slice(chunk);
        h = (h ^ u64::from_le_bytes(word)).wrapping_mul(A);
        h ^= h >> 32;
    }
    let mut tail = 0u64;
    for &byte in chunks.remainder() {
        tail = tail << 8 | byte as u64;
    }
    fold(h ^ tail, B) ^ h
}
