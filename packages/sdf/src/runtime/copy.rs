//! Copies of short texts by words that may overlap: the compilers' own way is a call, out of Wasm even, that costs more than
//! the copy of a name or an id.

/// From here on the call is worth it.
const CALL_BYTES: usize = 256;

/// # Safety
/// As `std::ptr::copy_nonoverlapping`.
#[inline]
pub unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    if length > 16 {
        if length >= CALL_BYTES {
            std::ptr::copy_nonoverlapping(from, to, length);
            return;
        }
        let mut by = 0;
        while by + 16 < length {
            word::<[u64; 2]>(from, to, by);
            by += 16;
        }
        word::<[u64; 2]>(from, to, length - 16);
    } else if length >= 8 {
        word::<u64>(from, to, 0);
        word::<u64>(from, to, length - 8);
    } else if length >= 4 {
        word::<u32>(from, to, 0);
        word::<u32>(from, to, length - 4);
    } else if length > 0 {
        // One to three bytes, each of them at least once.
        word::<u8>(from, to, 0);
        word::<u8>(from, to, length / 2);
        word::<u8>(from, to, length - 1);
    }
}

#[inline(always)]
unsafe fn word<T: Copy>(from: *const u8, to: *mut u8, by: usize) {
    std::ptr::write_unaligned(to.add(by) as *mut T, std::ptr::read_unaligned(from.add(by) as *const T));
}

/// A copy of a text that may lie anywhere.
#[inline]
pub fn copy_text(text: &str) -> String {
    let length = text.len();
    let mut out: Vec<u8> = Vec::with_capacity(length);
    unsafe {
        copy(text.as_ptr(), out.as_mut_ptr(), length);
        out.set_len(length);
        String::from_utf8_unchecked(out)
    }
}

#[inline]
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len());
    unsafe {
        let length = out.len();
        copy(bytes.as_ptr(), out.as_mut_ptr().add(length), bytes.len());
        out.set_len(length + bytes.len());
    }
}
