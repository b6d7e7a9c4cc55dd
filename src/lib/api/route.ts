import type { z } from 'zod';
import type { Permission } from '../../contracts/permissions.js';
import type { Tenant, TenantScope } from '../../contracts/stores.js';
import type { AdmittedCall } from '../../contracts/webhooks.js';
import type { BodySpec, RawBody } from './body-spec.js';
import { parsePathParams, parseWith } from './parse-input.js';

/** Sends one server-sent event; `data` becomes JSON, so newlines in it never break the framing. */
export type EventSink = (event: string, data: unknown) => void;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call, and what the handler is given to act with:
 * `tenant` a tenant's key, or the global key naming the tenant in a header or body;
 * `path-tenant` the key of the tenant in the path, or the global key;
 * `admin` the global key; `visitor` the token of a web chat;
 * `host` a tenant's key, or a Host that is mapped to a tenant;
 * `webhook` what the platform of the account in the path proves itself with.
 */
export type Access =
  | { readonly auth: 'public' }
  | { readonly auth: 'tenant'; readonly scope: TenantScope; readonly isAdmin: boolean }
  | {
      readonly auth: 'path-tenant';
      readonly tenantId: string;
      /** Absent only for the global key. */
      readonly scope: TenantScope | undefined;
      readonly isAdmin: boolean;
      /** The scopes of the calling key; absent: everything. */
      readonly scopes?: readonly Permission[];
    }
  | { readonly auth: 'admin' }
  | { readonly auth: 'visitor'; readonly scope: TenantScope; readonly visitorId: string }
  | { readonly auth: 'host'; readonly tenant: Tenant }
  | { readonly auth: 'webhook'; readonly call: AdmittedCall };

export type RouteAuth = Access['auth'];

/** What a handler can see of the HTTP request itself. */
export interface RequestFacts {
  readonly requestId: string;
  /** The client's `Accept` header. */
  readonly accept: string;
  readonly ip: string;
  readonly host: string;
  readonly origin: string | undefined;
  readonly wantsEvents: boolean;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** A short name for the caller; entries stored under an Idempotency-Key belong to it. */
  readonly callerId: string;
  /** The version in `If-Match`; `undefined` without one, NaN for one that cannot match. */
  readonly ifMatch: number | undefined;
  /** Headers of protocols that define their own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts when the client disconnects before it was answered. */
  readonly signal: AbortSignal;
}

export type RouteResult =
  | {
      readonly type: 'json';
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'empty' }
  | {
      readonly type: 'text';
      readonly contentType: string;
      /** An iterable if it may be long. */
      readonly text: string | AsyncIterable<string>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'bytes';
      readonly contentType: string;
      /** In pieces if they are many. */
      readonly bytes: Uint8Array | readonly Uint8Array[];
      /** File name suggested for saving. */
      readonly fileName?: string;
    }
  | { readonly type: 'events'; run(sink: EventSink): Promise<void> };

export const json = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): RouteResult => ({ type: 'json', status, body, headers });
/** The `ETag` of a versioned resource. */
export const versionTag = (version: number): Readonly<Record<string, string>> => ({ ETag: `"v${version}"` });

export const empty: RouteResult = { type: 'empty' };

export interface ResponseSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** Media type, if it is not JSON. */
  readonly mediaType?: string;
}

/** `stored`: the response is kept under the Idempotency-Key; `own`: the handler deals with it. */
export type IdempotencyMode = 'stored' | 'own' | 'none';

interface RouteFacts {
  readonly method: Method;
  /** With `{name}` for parameters; begins with `/v1/` except for pages. */
  readonly path: string;
  /** Aliases from the earlier backend. */
  readonly legacyPaths: readonly string[];
  readonly auth: RouteAuth;
  readonly tag: string;
  /** The permission a scoped key needs. */
  readonly permission: Permission;
  readonly summary: string;
  readonly description: string | undefined;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  readonly idempotency: IdempotencyMode;
  /** The response reveals a secret once, so it is sealed before it is stored. */
  readonly secretAnswer: boolean;
}

export interface RawInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: RawBody;
}

/** A call with valid input. */
export interface PreparedCall {
  readonly body: unknown;
  /** Id of the tenant this call creates, if it is derived from the Idempotency-Key. */
  newTenantId(idempotencyKey: string): string | undefined;
  handle(access: Access, request: RequestFacts): Promise<RouteResult>;
}

/** A route as seen by the router, the documentation and the tests. */
export interface Route extends RouteFacts {
  readonly body: BodySpec<unknown> | undefined;
  /** Throws `HttpProblem` if the input does not match the schemas. */
  prepare(raw: RawInput): PreparedCall;
}

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

type RouteOptions<A extends RouteAuth, P, Q, B> = Optional<
  Omit<RouteFacts, 'auth' | 'params' | 'query'>,
  'legacyPaths' | 'description' | 'idempotency' | 'secretAnswer' | 'permission'
> & {
  readonly auth: A;
  /** The area in key scopes, if it differs from the tag. */
  readonly area?: string;
  readonly params?: z.ZodObject & z.ZodType<P>;
  readonly query?: z.ZodObject & z.ZodType<Q>;
  readonly body?: BodySpec<B>;
  /** For a route that creates a tenant: its response is then stored in that tenant. */
  newTenantId?(body: B, idempotencyKey: string): string;
  handler(input: {
    readonly params: P;
    readonly query: Q;
    readonly body: B;
    readonly access: Extract<Access, { auth: A }>;
    readonly request: RequestFacts;
  }): Promise<RouteResult> | RouteResult;
};

function isOfAuth<A extends RouteAuth>(access: Access, auth: A): access is Extract<Access, { auth: A }> {
  return access.auth === auth;
}

/** Declares a route. Validation, routing, OpenAPI and tests are all derived from this value. */
export function defineRoute<A extends RouteAuth, P = undefined, Q = undefined, B = undefined>(
  options: RouteOptions<A, P, Q, B>,
): Route {
  const { params, query, body, handler, auth } = options;
  return {
    method: options.method,
    path: options.path,
    legacyPaths: options.legacyPaths ?? [],
    auth,
    tag: options.tag,
    permission:
      options.permission ?? `${options.area ?? options.tag}:${options.method === 'GET' ? 'read' : 'write'}`,
    summary: options.summary,
    description: options.description,
    params,
    query,
    body,
    responses: options.responses,
    idempotency: options.idempotency ?? (options.method === 'GET' ? 'none' : 'stored'),
    secretAnswer: options.secretAnswer ?? false,
    prepare(raw) {
      // Without a schema, the type parameter is `undefined`, and so is the value.
      const parsedParams = (params && parsePathParams(params, raw.params)) as P;
      const parsedQuery = (query && parseWith(query, raw.query, 'query')) as Q;
      const parsedBody = (body && body.parse(raw.body)) as B;
      return {
        body: parsedBody,
        newTenantId: (idempotencyKey) => options.newTenantId?.(parsedBody, idempotencyKey),
        async handle(access, request) {
          if (!isOfAuth(access, auth)) throw new Error(`${options.path}: access of another kind`);
          return handler({ params: parsedParams, query: parsedQuery, body: parsedBody, access, request });
        },
      };
    },
  };
}
