// Whether the five-second window of a time had closed when the newest time so far was seen.
fn is_late(at_ms: i64, newest_ms: i64) -> bool {
  newest_ms >= at_ms.div_euclid(5000) * 5000 + 5000 + 1000
}
