// An account of a title as a number.
fn account_hash(title: &str, player: &str) -> u64 {
  let all = title.bytes().chain(std::iter::once(b'\n')).chain(player.bytes());
  all.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}
