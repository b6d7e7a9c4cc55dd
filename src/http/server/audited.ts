import type { AuditActor, AuditEntry } from '../../contracts/audit.js';
import type { Method, Route, RouteResult } from '../../lib/api/route.js';
import { isObject } from '../../lib/is-object.js';
import type { Caller } from './authenticate.js';

/** What people say and ask is history rather than a change to the business. */
const NOT_AUDITED: ReadonlySet<string> = new Set(['chat:write', 'openai:write']);
/**
 * These are POST requests because of their input, but change nothing; a tool's changes are recorded
 * separately.
 */
const ONLY_ASKED: ReadonlySet<string> = new Set(['/v1/predict', '/v1/openai/embeddings', '/v1/mcp']);
const ACTIONS = { POST: 'create', PUT: 'replace', PATCH: 'change', DELETE: 'remove', GET: 'read' } as const;

/** The audit entry for a completed request; `undefined` if it changed nothing. */
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

/** Names of the id fields in responses that create something. */
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

/** `conversations.takeover` for `POST /v1/conversations/{id}/takeover`, `faq.create` for `POST /v1/faq`. */
function actionOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split('/').filter((word) => !['', 'v1', 'api'].includes(word) && !word.startsWith('{'));
  // Resources that belong to a business are named without it.
  const subject = words[0] === 'tenants' && words.length > 1 ? words.slice(1) : words;
  const isVerb = method === 'POST' && subject.length > 1;
  return [...subject, ...(isVerb ? [] : [ACTIONS[method]])].join('.');
}
