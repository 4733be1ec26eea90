/// Texts as one number of 63 bits, to find and compare rows by: among a million texts two have the same
/// once in twenty million times. Where one text ends and the next begins counts.
pub fn id_of(texts: &[&str]) -> i64 {
  let mut hash: u64 = 0x9E37_79B9_7F4A_7C15;
  let mut mix = |word: u64| {
    hash = (hash ^ word).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^= hash >> 32;
  };
  for text in texts {
    let mut words = text.as_bytes().chunks_exact(8);
    for word in &mut words {
      let mut eight = [0; 8];
      eight.copy_from_slice(word);
      mix(u64::from_le_bytes(eight));
    }
    let rest = words.remainder();
    let mut eight = [0; 8];
    eight[..rest.len()].copy_from_slice(rest);
    mix(u64::from_le_bytes(eight));
    mix(text.len() as u64);
  }
  // Positive, as SQL writes its numbers; 0 stands for nothing.
  ((hash >> 1) as i64).max(1)
}
