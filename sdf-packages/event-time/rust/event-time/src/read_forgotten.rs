use crate::bindings::arenaflow::event_time::types::{Sale, Tombstone};
use crate::names::pack_names;
use sdfg::sdf;
use sdfg::Result;

/// No sale, but the player of whom nothing is to be kept.
#[sdf(fn_name = "read-forgotten")]
pub(crate) fn read_forgotten(tombstone: Tombstone) -> Result<Sale> {
  const FORGET: u8 = 9;
  let title_id = tombstone.title_id.as_deref().filter(|title| !title.is_empty()).unwrap_or("local");
  let event_id = tombstone.event_id.as_deref().unwrap_or("");
  Ok(Sale {
    names: pack_names([title_id, &tombstone.player_id, "", "", "", "", event_id, ""]),
    has_event_id: !event_id.is_empty(),
    refund: false,
    price: 0.0,
    cents: 0,
    minor: 0,
    at_ms: tombstone.received_at,
    received_ms: tombstone.received_at,
    problem: FORGET,
    correction: String::new(),
    copies: 1,
    shard: u32::MAX,
    seq: 0,
  })
}
