use crate::bindings::arenaflow::event_time::types::{Step, Tombstone};
use crate::id_of::Id;
use sdfg::sdf;
use sdfg::Result;

/// A step that says of a player, and of nothing else, that what is kept goes.
#[sdf(fn_name = "read-tombstone")]
pub(crate) fn read_tombstone(tombstone: Tombstone) -> Result<Step> {
  let title_id = tombstone.title_id.unwrap_or_default();
  let title_id = if title_id.is_empty() { String::from("local") } else { title_id };
  let title = Id::new().and(&title_id);
  let (shard, seq) = tombstone.feed.map_or((u32::MAX, 0), |position| (position.shard, position.seq));
  Ok(Step {
    title: title.number(),
    player: title.and(&tombstone.player_id).number(),
    session: 0,
    place: 0,
    kind: 7,
    event: 1,
    at_ms: tombstone.received_at,
    fault: 0,
    shard,
    seq,
    title_id,
    level_id: String::new(),
    map_id: String::new(),
    server_id: String::new(),
    region: String::new(),
    platform: String::new(),
    reason: String::new(),
  })
}
