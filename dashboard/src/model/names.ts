/** Order of ids for people: "level_2" before "level_10". */
export const byName = new Intl.Collator("en", { numeric: true }).compare;
