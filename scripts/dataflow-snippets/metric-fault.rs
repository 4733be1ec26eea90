// Times that can be meant, 2000 to 2096: a clock beyond them is broken.
const TIMES_MS: std::ops::Range<i64> = 946_684_800_000..4_000_000_000_000;
// What a server cannot have measured; the edge refuses the same.
fn metric_fault(cpu_load: f64, memory_usage: f64, latency: f64) -> Option<&'static str> {
  if !(0.0..=100.0).contains(&cpu_load) {
    return Some("cpu_load is not a percentage from 0 to 100");
  }
  if !(0.0..=100.0).contains(&memory_usage) {
    return Some("memory_usage is not a percentage from 0 to 100");
  }
  // An hour.
  if !(0.0..=3_600_000.0).contains(&latency) {
    return Some("latency is not a time from 0 to 3,600,000 milliseconds");
  }
  None
}
