/// Texts as one number of 63 bits, to find and compare rows by: among a million texts two have the same
/// once in twenty million times. Where one text ends and the next begins counts.
#[derive(Clone, Copy)]
pub struct Id(u64);

impl Id {
  pub fn new() -> Self {
    Id(0x9E37_79B9_7F4A_7C15)
  }

  /// What has been said so far, and one more text.
  pub fn and(self, text: &str) -> Self {
    let mut hash = self.0;
    let mut mix = |word: u64| {
      hash = (hash ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93);
      hash ^= hash >> 32;
    };
    let bytes = text.as_bytes();
    let eight = |at: usize| bytes[at..at + 8].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let four = |at: usize| bytes[at..at + 4].iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    let mut at = 0;
    while at + 8 <= bytes.len() {
      mix(eight(at));
      at += 8;
    }
    // The rest is read together with what is before it: the length, which comes last, tells such texts apart.
    if at < bytes.len() {
      mix(match bytes.len() {
        8.. => eight(bytes.len() - 8),
        4.. => four(0) | four(bytes.len() - 4) << 32,
        _ => u64::from(bytes[0]) | u64::from(bytes[bytes.len() / 2]) << 8 | u64::from(bytes[bytes.len() - 1]) << 16,
      });
    }
    mix(bytes.len() as u64);
    Id(hash)
  }

  /// Positive, as SQL writes its numbers; 0 stands for nothing.
  pub fn number(self) -> i64 {
    ((self.0 >> 1) as i64).max(1)
  }
}
