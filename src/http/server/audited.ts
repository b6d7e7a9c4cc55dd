import type { AuditActor, AuditEntry } from '../../contracts/audit.js';
import type { Method, Route, RouteResult } from '../../lib/api/route.js';
import { isObject } from '../../lib/is-object.js';
import type { Caller } from './authenticate.js';

/** What people say and ask is history, not a change of the business. */
const NOT_AUDITED: ReadonlySet<string> = new Set(['chat:write', 'openai:write']);
/** Posted because of what they are given, and change nothing; what a tool changes has a record of its own. */
const ONLY_ASKED: ReadonlySet<string> = new Set(['/v1/predict', '/v1/openai/embeddings', '/v1/mcp']);
const DONE = { POST: 'create', PUT: 'replace', PATCH: 'change', DELETE: 'remove', GET: 'read' } as const;

/** What the trail says of a request that was done; `undefined` when it changed nothing of the business. */
export function auditOf(
  route: Pick<Route, 'method' | 'path' | 'permission'>,
  params: Readonly<Record<string, string>>,
  body: unknown,
  caller: Caller,
  result: RouteResult,
): Omit<AuditEntry, 'id' | 'at'> | undefined {
  const actor = actorOf(caller);
  const isChange = route.permission.endsWith(':write') && route.method !== 'GET';
  const isAsked = NOT_AUDITED.has(route.permission) || ONLY_ASKED.has(route.path);
  if (actor === undefined || !isChange || isAsked) return undefined;
  const target = [...Object.values(params), ...createdIds(route.method, result)].join('/');
  return {
    actor,
    action: actionOf(route),
    ...(target === '' ? {} : { target }),
    ...(isObject(body) ? { fields: Object.keys(body).slice(0, 50) } : {}),
  };
}

/** What the things of this API are called by in the answer that made them. */
const ID_FIELDS = ['document_id', 'source_id', 'dataset_id', 'training_id', 'id'];

function createdIds(method: Method, result: RouteResult): readonly string[] {
  if (method !== 'POST' || result.type !== 'json' || result.status === 200) return [];
  const { body } = result;
  const ids = isObject(body) ? ID_FIELDS.map((name) => body[name]) : [];
  return ids.filter((id) => typeof id === 'string').slice(0, 1);
}

function actorOf(caller: Caller): AuditActor | undefined {
  if (caller.type === 'admin') return { type: 'operator' };
  return caller.type === 'tenant' ? { type: 'key', id: caller.keyId } : undefined;
}

/** `conversations.takeover` of `POST /v1/conversations/{id}/takeover`, `faq.create` of `POST /v1/faq`. */
function actionOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split('/').filter((word) => !['', 'v1', 'api'].includes(word) && !word.startsWith('{'));
  // What belongs to a business is named without it.
  const own = words[0] === 'tenants' && words.length > 1 ? words.slice(1) : words;
  const isVerb = method === 'POST' && own.length > 1;
  return [...own, ...(isVerb ? [] : [DONE[method]])].join('.');
}
