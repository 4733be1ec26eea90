/** Counts a request against the limits of its key and of its address, on every route that takes events. */
import type { Incoming } from "../incoming.ts";
import { settingsOf } from "../settings.ts";
import { RateLimit } from "./rate-limit.ts";

const LOOPBACK = /^(127\.|::1$)/;
const perKey = new RateLimit("with this key");
const perAddress = new RateLimit("from this address");

/**
 * @param key as the request presents it
 * @throws Problem `rate_limited`
 */
export function limitRequests(c: Incoming, key: string): void {
  const settings = settingsOf(c.env);
  const nowMs = Date.now();
  perKey.count(key, { perSecond: settings.keyRequestsPerS, nowMs });
  const address = c.req.header("cf-connecting-ip");
  if (address === undefined || LOOPBACK.test(address)) return;
  perAddress.count(address, { perSecond: settings.addressRequestsPerS, nowMs });
}
