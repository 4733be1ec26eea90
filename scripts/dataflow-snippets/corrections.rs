// Event ids as hashes of ten characters, the newest last, so that a correction that comes again after a crash changes nothing.
const IDS_MAX: usize = 64;
const ID_CHARS: usize = 10;
fn id_of(event_id: &str, copies: u32) -> String {
  let start = 0xCBF2_9CE4_8422_2325_u64 ^ u64::from(copies);
  let hash = event_id.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
  let mut text = String::with_capacity(ID_CHARS);
  put(&mut text, hash, ID_CHARS);
  text
}
fn place_of(ids: &str, id: &str) -> Option<usize> {
  (0..ids.len() / ID_CHARS).map(|n| n * ID_CHARS).find(|at| &ids[*at..*at + ID_CHARS] == id)
}
fn push_id(ids: &mut String, id: &str) {
  if ids.len() >= IDS_MAX * ID_CHARS {
    ids.drain(..ID_CHARS);
  }
  ids.push_str(id);
}
// Whether a correction is new.
fn note_correction(ids: &mut String, event_id: &str, copies: u32) -> bool {
  let id = id_of(event_id, copies);
  let new = place_of(ids, &id).is_none();
  if new {
    push_id(ids, &id);
  }
  new
}
fn add_id(ids: &mut String, event_id: &str) {
  push_id(ids, &id_of(event_id, 0));
}
// Whether it was there; once.
fn take_id(ids: &mut String, event_id: &str) -> bool {
  let place = place_of(ids, &id_of(event_id, 0));
  if let Some(at) = place {
    ids.drain(at..at + ID_CHARS);
  }
  place.is_some()
}
