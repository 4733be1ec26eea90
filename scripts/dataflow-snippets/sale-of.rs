fn sale_of(purchase: Purchase) -> Result<Sale> {
  let written = match epoch_ms(&purchase.purchase_timestamp) {
    Some(ms) => ms,
    None => return Err(sdfg::anyhow::anyhow!("purchase_timestamp {:?} is not ISO 8601 with a zone", purchase.purchase_timestamp)),
  };
  // A clock that runs ahead of the edge must not close windows early.
  let at_ms = purchase.received_at.map_or(written, |received| received.min(written));
  let (_, _, cents) = amount_of(purchase.price, &purchase.currency)?;
  let refund = purchase.transaction_type.map_or(false, |kind| kind == "refund");
  let ip_address = purchase.ip_address.unwrap_or_else(|| String::from("unknown"));
  let has_event_id = purchase.event_id.is_some();
  let id = match purchase.event_id {
    Some(event_id) => format!("id:{}", event_id),
    None => format!(
      "as:{}:{}{}:{}{}:{}{}/{}/{}",
      purchase.player_id.len(), purchase.player_id,
      purchase.item_id.len(), purchase.item_id,
      ip_address.len(), ip_address,
      refund, cents, at_ms,
    ),
  };
  let item_type = ITEM_TYPES.iter().find(|item| item.0 == purchase.item_id).map_or("unknown", |item| item.1);
  Ok(Sale {
    id,
    has_event_id,
    player_id: purchase.player_id,
    ip_address,
    item_type: item_type.to_string(),
    item_id: purchase.item_id,
    refund,
    cents: if refund { -cents } else { cents },
    at_ms,
  })
}
