/** The middleware that lets a request in. */
import type { MiddlewareHandler } from "hono";

import type { App } from "../app.ts";
import type { Incoming } from "../incoming.ts";
import { Problem } from "../problem.ts";
import { principalOf, type Principal } from "./keys.ts";
import { checkOrigin } from "./origins.ts";
import type { Role } from "./roles.ts";

const BEARER = /^Bearer +(\S+)$/i;

/** Requires an `Authorization: Bearer` key with one of the roles. */
export function requireRole(...roles: readonly Role[]): MiddlewareHandler<App> {
  return async function checkRole(c, next) {
    c.set("principal", await admit(c, roles));
    await next();
  };
}

/**
 * Finds out whose key a request carries, and whether it may be used for this and from this page.
 * @throws Problem `unauthorized`, `forbidden` or `origin_not_allowed`
 */
export async function admit(c: Incoming, roles: readonly Role[]): Promise<Principal> {
  const key = bearerOf(c.req.header("authorization"));
  const principal = await authorize(c.env, { url: c.req.url, key, roles });
  checkOrigin(c, principal);
  return principal;
}

/** The key in an `Authorization` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return BEARER.exec(header ?? "")?.[1];
}

/** What is asked of `authorize`. */
export interface Claim {
  readonly url: string;
  readonly key: string | undefined;
  /** One of them is enough. */
  readonly roles: readonly Role[];
}

/**
 * Checks a key against a role.
 * @throws Problem `unauthorized` or `forbidden`
 */
export async function authorize(env: App["Bindings"], claim: Claim) {
  if (claim.key === undefined) {
    throw new Problem(
      "unauthorized",
      "The request carries no key. Send it as `Authorization: Bearer <key>`; locally the key is `dev`.",
    );
  }
  const principal = await principalOf(env, claim.url, claim.key);
  if (principal === undefined) {
    throw new Problem(
      "unauthorized",
      "Nobody has this key. Check it for typing errors or rotation.",
    );
  }
  if (!claim.roles.some((role) => principal.roles.includes(role))) {
    throw new Problem(
      "forbidden",
      `This path needs a key with the role "${claim.roles.join('" or "')}"; this one has ${principal.roles.join(", ")}.`,
    );
  }
  return principal;
}
