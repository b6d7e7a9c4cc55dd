import type { AuditActor, AuditEntry } from '../../contracts/audit.js';
import type { Route } from '../../lib/api/route.js';
import type { Caller } from './authenticate.js';

/** What people say and ask is history, not a change of the business. */
const NOT_AUDITED: ReadonlySet<string> = new Set(['chat:write', 'openai:write']);
const DONE = { POST: 'create', PUT: 'replace', PATCH: 'change', DELETE: 'remove', GET: 'read' } as const;

/** What the trail says of a request that was done; `undefined` when it changed nothing of the business. */
export function auditOf(
  route: Pick<Route, 'method' | 'path' | 'permission'>,
  params: Readonly<Record<string, string>>,
  body: unknown,
  caller: Caller,
): Omit<AuditEntry, 'id' | 'at'> | undefined {
  const actor = actorOf(caller);
  const isChange = route.permission.endsWith(':write') && route.method !== 'GET';
  if (actor === undefined || !isChange || NOT_AUDITED.has(route.permission)) return undefined;
  const target = Object.values(params).join('/');
  const isNamed = typeof body === 'object' && body !== null && !Array.isArray(body);
  return {
    actor,
    action: actionOf(route),
    ...(target === '' ? {} : { target }),
    ...(isNamed ? { fields: Object.keys(body).slice(0, 50) } : {}),
  };
}

function actorOf(caller: Caller): AuditActor | undefined {
  if (caller.type === 'admin') return { type: 'operator' };
  return caller.type === 'tenant' ? { type: 'key', id: caller.keyId } : undefined;
}

/** `conversations.takeover` of `/v1/conversations/{id}/takeover`, `faq.create` of `POST /v1/faq`. */
function actionOf({ method, path, permission }: Pick<Route, 'method' | 'path' | 'permission'>): string {
  const area = permission.slice(0, permission.indexOf(':'));
  const [last = '', before = ''] = path.split('/').toReversed();
  const isVerb = method === 'POST' && before.startsWith('{') && last !== area;
  return `${area}.${isVerb ? last : DONE[method]}`;
}
