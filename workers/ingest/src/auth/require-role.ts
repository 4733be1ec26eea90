/** The middleware that lets a request in. */
import type { MiddlewareHandler } from "hono";

import type { App } from "../app.ts";
import { Problem } from "../problem.ts";
import { principalOf, type Role } from "./keys.ts";

const BEARER = /^Bearer +(\S+)$/i;

/** Requires an `Authorization: Bearer` key with the role. */
export function requireRole(role: Role): MiddlewareHandler<App> {
  return async function checkRole(c, next) {
    const key = bearerOf(c.req.header("authorization"));
    c.set("principal", await authorize(c.env, { url: c.req.url, key, role }));
    await next();
  };
}

/** The key in an `Authorization` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return BEARER.exec(header ?? "")?.[1];
}

/** What is asked of `authorize`. */
export interface Claim {
  readonly url: string;
  readonly key: string | undefined;
  readonly role: Role;
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
  if (!principal.roles.includes(claim.role)) {
    throw new Problem(
      "forbidden",
      `This path needs a key with the role "${claim.role}"; this one has ${principal.roles.join(", ")}.`,
    );
  }
  return principal;
}
