// Names and types of the items that the topic of items tells otherwise than what is built in.
struct ItemNames(Vec<(String, String, String)>);
impl ItemNames {
  fn read() -> Result<ItemNames> {
    let mut changed = vec![];
    if !items().is_empty() {
      let table = sql("select _key, name, item_type from items")?;
      let columns = table.schema(["_key", "name", "item_type"])?;
      let rows = table.rows()?;
      while rows.next() {
        changed.push((rows.str(&columns[0])?, rows.str(&columns[1])?, rows.str(&columns[2])?));
      }
    }
    Ok(ItemNames(changed))
  }
  fn of(&self, item_id: &str) -> (&str, &str) {
    match self.0.iter().find(|changed| changed.0 == item_id) {
      Some(changed) => (&changed.1, &changed.2),
      None => names_of(item_id),
    }
  }
}
