// What an account or address did: one purchase or refund.
#[derive(Clone, Copy)]
struct Past<'a> {
  at_ms: i64,
  cents: i64,
  refund: bool,
  copies: u8,
  event_id: &'a str,
  // The receipt, of an account's; the account, of an address's.
  by: &'a str,
  item_id: &'a str,
  region: &'a str,
}
// What a rule has found, and how many count.
struct Finding<'r> {
  rule: &'r Rule,
  count: usize,
  from_ms: i64,
  to_ms: i64,
  event_ids: Vec<String>,
}
const COPIES_MAX: u8 = 127;
// Evidence of one flag; the newest.
const EVIDENCE_MAX: usize = 16;
// Time, cents, refund, copies, and the lengths of four names.
const HEAD: usize = 7 + 5 + 1 + 1 + 4 * 2;

fn unpack(text: &str) -> Vec<Past<'_>> {
  let bytes = text.as_bytes();
  let mut past = Vec::with_capacity(bytes.len() / 64 + 2);
  let mut at = 0;
  while at < bytes.len() {
    let head = &bytes[at..at + HEAD];
    let event = at + HEAD;
    let by = event + get(head, 14, 2) as usize;
    let item = by + get(head, 16, 2) as usize;
    let region = item + get(head, 18, 2) as usize;
    let end = region + get(head, 20, 2) as usize;
    past.push(Past {
      at_ms: get(head, 0, 7) as i64,
      cents: get(head, 7, 5) as i64,
      refund: head[12] == 1,
      copies: head[13],
      event_id: &text[event..by],
      by: &text[by..item],
      item_id: &text[item..region],
      region: &text[region..end],
    });
    at = end;
  }
  past
}
fn pack(past: &[Past]) -> String {
  let names = |p: &Past| p.event_id.len() + p.by.len() + p.item_id.len() + p.region.len();
  let mut text = String::with_capacity(past.iter().map(|p| HEAD + names(p)).sum());
  for p in past {
    put(&mut text, p.at_ms as u64, 7);
    put(&mut text, p.cents as u64, 5);
    put(&mut text, u64::from(p.refund), 1);
    put(&mut text, u64::from(p.copies), 1);
    for name in &[p.event_id, p.by, p.item_id, p.region] {
      put(&mut text, name.len() as u64, 2);
    }
    for name in &[p.event_id, p.by, p.item_id, p.region] {
      text.push_str(name);
    }
  }
  text
}
// The past as text after one came in at a place and the oldest were dropped; mostly it is what it was, and one more.
fn with_newest(text: &str, past: &[Past], here: usize, dropped: usize) -> String {
  if here + 1 < past.len() || dropped > here {
    return pack(&past[dropped..]);
  }
  let length = |p: &Past| HEAD + p.event_id.len() + p.by.len() + p.item_id.len() + p.region.len();
  let cut: usize = past[..dropped].iter().map(length).sum();
  let mut all = String::with_capacity(text.len() - cut + length(&past[here]));
  all.push_str(&text[cut..]);
  all.push_str(&pack(&past[here..]));
  all
}
// The most that one window around a moment holds, if it is enough. A late one may complete a window of the past.
fn burst<'r>(rule: &'r Rule, count_min: usize, past: &[Past], now: &Past, counts: impl Fn(&Past) -> bool) -> Option<Finding<'r>> {
  if past.len() < count_min {
    return None;
  }
  let (mut count, mut to_ms) = (0, 0);
  for last in past.iter().filter(|p| p.at_ms >= now.at_ms && p.at_ms < now.at_ms + rule.window_ms && counts(p)) {
    let inside = past.iter().filter(|p| p.at_ms > last.at_ms - rule.window_ms && p.at_ms <= last.at_ms && counts(p)).count();
    if inside > count {
      count = inside;
      to_ms = last.at_ms;
    }
  }
  if count < count_min {
    return None;
  }
  let inside = past.iter().filter(|p| p.at_ms > to_ms - rule.window_ms && p.at_ms <= to_ms && counts(p));
  Some(found(rule, count, inside))
}
// The most accounts that bought the same item within one window around a moment, if they are enough.
fn accounts_burst<'r>(rule: &'r Rule, count_min: usize, past: &[Past], now: &Past) -> Option<Finding<'r>> {
  if past.len() < count_min {
    return None;
  }
  let same = |p: &&Past| p.item_id == now.item_id;
  let (mut count, mut to_ms) = (0, 0);
  for last in past.iter().filter(same).filter(|p| p.at_ms >= now.at_ms && p.at_ms < now.at_ms + rule.window_ms) {
    let inside = past.iter().filter(same).filter(|p| p.at_ms > last.at_ms - rule.window_ms && p.at_ms <= last.at_ms);
    let mut accounts: Vec<&str> = inside.map(|p| p.by).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.len() > count {
      count = accounts.len();
      to_ms = last.at_ms;
    }
  }
  if count < count_min {
    return None;
  }
  let inside = past.iter().filter(same).filter(|p| p.at_ms > to_ms - rule.window_ms && p.at_ms <= to_ms);
  Some(found(rule, count, inside))
}
fn found<'r, 'a>(rule: &'r Rule, count: usize, inside: impl Iterator<Item = &'a Past<'a>>) -> Finding<'r> {
  let inside: Vec<&Past> = inside.collect();
  Finding {
    rule,
    count,
    from_ms: inside.first().map_or(0, |p| p.at_ms),
    to_ms: inside.last().map_or(0, |p| p.at_ms),
    event_ids: inside.iter().map(|p| p.event_id.to_string()).collect(),
  }
}
// A flag that grows keeps its start, which is part of its key.
fn grow(growing: &mut String, finding: &mut Finding) {
  let mut others = String::new();
  for line in growing.lines() {
    let mut parts = line.split('\t');
    let name = parts.next().unwrap_or("");
    let start: i64 = parts.next().unwrap_or("").parse().unwrap_or(0);
    let last: i64 = parts.next().unwrap_or("").parse().unwrap_or(0);
    if name != finding.rule.name {
      others.push_str(line);
      others.push('\n');
    } else if finding.from_ms <= last && finding.to_ms >= start {
      finding.from_ms = finding.from_ms.min(start);
      finding.to_ms = finding.to_ms.max(last);
    }
  }
  others.push_str(&format!("{}\t{}\t{}\n", finding.rule.name, finding.from_ms, finding.to_ms));
  *growing = others;
}
fn raise(finding: Finding, subject: String, names: &str) -> RaisedFlag {
  let Finding { rule, count, from_ms, to_ms, mut event_ids } = finding;
  event_ids.drain(..event_ids.len().saturating_sub(EVIDENCE_MAX));
  let share = rule.count_min as f64 / count.max(rule.count_min) as f64;
  RaisedFlag {
    title_id: name(names, TITLE).to_string(),
    rule: rule.name.to_string(),
    rule_version: rule.version,
    mode: rule.mode.to_string(),
    severity: rule.severity.to_string(),
    score: ((1.0 - (1.0 - rule.score) * share) * 100.0).round() / 100.0,
    subject,
    player_id: name(names, PLAYER).to_string(),
    ip_address: name(names, ADDRESS).to_string(),
    item_id: name(names, ITEM).to_string(),
    count: count as u32,
    threshold: rule.count_min as u32,
    evidence_event_ids: event_ids,
    spender_tier: None,
    returning_buyer: None,
    window_start: from_ms,
    window_end: to_ms + 1,
  }
}
