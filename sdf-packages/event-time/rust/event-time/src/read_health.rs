use crate::bindings::arenaflow::event_time::types::{HeardServer, ServerHealth};
use crate::epoch_ms::epoch_ms;
use sdfg::sdf;
use sdfg::Result;

/// When a server was last heard of, by what is told of its health.
#[sdf(fn_name = "read-health")]
pub(crate) fn read_health(health: ServerHealth) -> Result<HeardServer> {
  Ok(HeardServer {
    last_ms: epoch_ms(&health.timestamp).unwrap_or(health.window_start),
    is_down: health.state == "down",
    title_id: health.title_id,
    server_id: health.server_id,
    region: health.region,
    server_type: health.server_type,
    timestamp: health.timestamp,
    window_end: health.window_end,
  })
}
