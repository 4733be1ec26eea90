/** Where a request came from, as far as Cloudflare tells; nothing of it is known on a laptop. */

/** Members that every event of a request gets, unless it has one of the same name. */
export interface Origin {
  /** ISO 3166-1, two letters. */
  readonly country?: string;
  /** First-level region, such as a state. */
  readonly country_region?: string;
  /** Number of the network (autonomous system). */
  readonly network?: number;
}

const NOT_A_COUNTRY = new Set(["XX", "T1"]);

/** Reads the origin; `undefined` when nothing is known. */
export function originOf(request: Request): Origin | undefined {
  const cf = request.cf as { country?: unknown; region?: unknown; asn?: unknown } | undefined;
  if (cf === undefined) return undefined;
  const { country, region, asn } = cf;
  const origin = {
    ...(typeof country === "string" && !NOT_A_COUNTRY.has(country) ? { country } : {}),
    ...(typeof region === "string" && region !== "" ? { country_region: region } : {}),
    ...(typeof asn === "number" ? { network: asn } : {}),
  };
  return Object.keys(origin).length === 0 ? undefined : origin;
}
