use crate::bindings::arenaflow::event_time::types::{PlayerEvent, Step};
use crate::epoch_ms::{event_ms, BELIEVED_MS};
use crate::id_of::Id;
use sdfg::sdf;
use sdfg::Result;

const ID_BYTES_MAX: usize = 512;
const REASON_BYTES_MAX: usize = 1024;

/// Everything about a player event that its services need, told once. What makes no sense goes on with a
/// fault, so that it can be counted.
#[sdf(fn_name = "read-player-event")]
pub(crate) fn read_player_event(event: PlayerEvent) -> Result<Step> {
  let title_id = event.title_id.unwrap_or_default();
  let title_id = if title_id.is_empty() { String::from("local") } else { title_id };
  let server_id = event.server_id.unwrap_or_default();
  let region = event.region.unwrap_or_default();
  let platform = event.platform.unwrap_or_default();
  let reason = event.reason.unwrap_or_default();
  let kind = match event.event_type.as_str() {
    "move" | "interaction" => 0,
    "session_start" => 1,
    "level_start" => 2,
    "level_complete" => 3,
    "level_fail" => 4,
    "session_end" => 5,
    "disconnect" => 6,
    _ => u8::MAX,
  };
  let written = event_ms(&event.timestamp, event.received_at);
  let at_ms = written.unwrap_or(0);

  let ids = [&event.player_id, &event.session_id, &event.level_id, &event.map_id];
  let long = |text: &String| text.len() > ID_BYTES_MAX;
  let fault = if written.is_none() {
    1
  } else if !BELIEVED_MS.contains(&at_ms) {
    2
  } else if ids.iter().any(|id| id.is_empty()) {
    3
  } else if ids.iter().any(|id| long(id)) || reason.len() > REASON_BYTES_MAX
    || long(&title_id) || long(&server_id) || long(&region) || long(&platform) {
    4
  } else if kind == u8::MAX {
    5
  } else {
    0
  };

  let title = Id::new().and(&title_id);
  let place = title.and(&event.level_id).and(&event.map_id).number();
  // Only what is counted one by one has to be told apart.
  let told = match event.event_id {
    _ if kind < 2 => 1,
    Some(event_id) => Id::new().and(&event_id).number(),
    None => place ^ at_ms.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as i64) ^ i64::from(kind),
  };
  let (shard, seq) = event.feed.map_or((u32::MAX, 0), |position| (position.shard, position.seq));
  Ok(Step {
    title: title.number(),
    player: title.and(&event.player_id).number(),
    session: title.and(&event.session_id).number(),
    place,
    kind,
    event: ((told ^ (told >> 32)) as u32).max(1),
    at_ms,
    fault,
    shard,
    seq,
    title_id,
    level_id: event.level_id,
    map_id: event.map_id,
    server_id,
    region,
    platform,
    reason,
  })
}
