import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The holder of a web chat token. */
export interface Visitor {
  readonly tenantId: string;
  readonly visitorId: string;
  readonly expiresAt: Date;
}

const claims = z.strictObject({ t: z.string(), v: z.string(), e: z.int() });
const PREFIX = 'v1';

function signature(secret: Uint8Array, payload: string): Buffer {
  return createHmac('sha256', secret).update(`sapa web visitor\n${payload}`).digest();
}

/** `v1.<claims>.<HMAC-SHA256>`, both parts base64url. */
export function signVisitor(secret: Uint8Array, visitor: Visitor): string {
  const { tenantId: t, visitorId: v, expiresAt } = visitor;
  const payload = Buffer.from(JSON.stringify({ t, v, e: expiresAt.getTime() })).toString('base64url');
  return `${PREFIX}.${payload}.${signature(secret, payload).toString('base64url')}`;
}

/** `undefined` for a token that has expired or was not signed by us. */
export function verifyVisitor(secret: Uint8Array, token: string, now: Date): Visitor | undefined {
  const [prefix, payload, sign, ...rest] = token.split('.');
  if (prefix !== PREFIX || payload === undefined || sign === undefined || rest.length > 0) return undefined;
  const expected = signature(secret, payload);
  const received = Buffer.from(sign, 'base64url');
  if (received.length !== expected.length || !timingSafeEqual(received, expected)) return undefined;
  const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!parsed.success || parsed.data.e <= now.getTime()) return undefined;
  return { tenantId: parsed.data.t, visitorId: parsed.data.v, expiresAt: new Date(parsed.data.e) };
}
