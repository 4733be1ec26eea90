use crate::bindings::arenaflow::event_time::types::{Measurement, ServerMetric};
use crate::epoch_ms::{event_ms, BELIEVED_MS};
use crate::id_of::Id;
use sdfg::sdf;
use sdfg::Result;

// An hour.
const LATENCY_MS_MAX: f64 = 3_600_000.0;

/// Everything about a measurement that its services need, told once. What a server cannot have measured goes on
/// with a fault, so that it can be counted; the edge refuses the same.
#[sdf(fn_name = "read-metric")]
pub(crate) fn read_metric(metric: ServerMetric) -> Result<Measurement> {
  let at_ms = event_ms(&metric.timestamp, metric.received_at).filter(|ms| BELIEVED_MS.contains(ms));
  let fault = if at_ms.is_none() {
    1
  } else if !(0.0..=100.0).contains(&metric.cpu_load) {
    2
  } else if !(0.0..=100.0).contains(&metric.memory_usage) {
    3
  } else if !(0.0..=LATENCY_MS_MAX).contains(&metric.latency) {
    4
  } else {
    0
  };
  let at_ms = at_ms.unwrap_or(0);
  let title_id = metric.title_id.unwrap_or_default();
  let title_id = if title_id.is_empty() { String::from("local") } else { title_id };
  let title = Id::new().and(&title_id);
  let id = match &metric.event_id {
    Some(event_id) => title.and(event_id),
    // A server measures itself once at a time: equal ones are one that came twice.
    None => title.and(&metric.server_id).and(&at_ms.to_string()),
  };
  let (shard, seq) = metric.feed.map_or((u32::MAX, 0), |position| (position.shard, position.seq));
  Ok(Measurement {
    id: id.number() as u64,
    title: title.number() as u64,
    title_id,
    server_id: metric.server_id,
    region: metric.region.unwrap_or_default(),
    server_type: metric.server_type.unwrap_or_default(),
    cpu_load: metric.cpu_load,
    memory_usage: metric.memory_usage,
    latency: metric.latency,
    players: metric.connected_players.unwrap_or(0),
    disconnections: metric.disconnections.unwrap_or(0),
    at_ms,
    received_ms: metric.received_at.unwrap_or(i64::MAX),
    fault,
    shard,
    seq,
  })
}
