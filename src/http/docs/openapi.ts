import { eventSchema } from '../../contracts/event-data.js';
import { EVENT_TYPES, type EventType } from '../../contracts/events.js';
import { z } from 'zod';
import type { BodySpec } from '../../lib/api/body-spec.js';
import { tenantIdSchema } from '../../lib/api/fields.js';
import type { ResponseSpec, Route, RouteAuth } from '../../lib/api/route.js';

type JsonObject = Record<string, unknown>;

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly JsonObject[];
  readonly parameters: readonly ParameterObject[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, JsonObject>>;
  };
  readonly responses: Readonly<Record<string, JsonObject>>;
}

export interface ParameterObject {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  /** The requests sent to a business's webhooks. */
  readonly webhooks: Readonly<Record<string, JsonObject>>;
  readonly components: JsonObject;
}

const TAGS = [
  { name: 'chat', description: 'Ask, and rate what was answered' },
  { name: 'conversations', description: 'Read along, take over, write as staff' },
  { name: 'knowledge', description: 'Documents that answers are based on' },
  { name: 'faq', description: 'Questions with their approved answers' },
  { name: 'unanswered', description: 'Questions that have no answer yet' },
  { name: 'contacts', description: 'Who writes to the business, and what it keeps about them' },
  { name: 'follow-ups', description: 'Messages that are sent later' },
  { name: 'appointments', description: 'Appointments that people booked' },
  { name: 'tools', description: 'What the assistant may do, including calls to your own services' },
  { name: 'actions', description: 'What the assistant did, or proposes to do' },
  { name: 'interactions', description: 'Questions and answers one by one, with what they cost' },
  { name: 'reports', description: 'Figures of a day or a week' },
  { name: 'hooks', description: 'Webhooks: events sent to your other systems' },
  { name: 'audit', description: 'Who changed what' },
  { name: 'tables', description: 'Models trained on CSV files, and their predictions' },
  { name: 'tenants', description: 'Businesses, their settings, keys and channels' },
  { name: 'webhooks', description: 'Called by the platforms' },
  { name: 'web', description: 'The chat page and the widget' },
  { name: 'system', description: 'Health and metrics' },
];

const SECURITY: Readonly<Record<RouteAuth, readonly JsonObject[]>> = {
  public: [],
  tenant: [{ apiKey: [] }],
  'path-tenant': [{ apiKey: [] }],
  admin: [{ apiKey: [] }],
  host: [{ apiKey: [] }, {}],
  visitor: [{ visitor: [] }],
  // Each platform authenticates in its own way, which no OpenAPI scheme describes.
  webhook: [],
};

const PROBLEM_EXAMPLE = {
  type: 'urn:sapa:problem:invalid_request',
  title: 'Bad Request',
  status: 400,
  detail: 'The body is not what this route takes.',
  code: 'invalid_request',
  request_id: 'req_5mQ0x7cWb2nVrT8sYkLd1A',
  errors: [{ path: 'name', code: 'too_small', message: 'is empty' }],
};

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable: compare this'),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function webhookOf(type: EventType): JsonObject {
  return {
    post: {
      summary: `Sent to hooks that asked for ${type}`,
      description: 'Signed by the Standard Webhooks convention: docs/hooks.md.',
      requestBody: { content: { 'application/json': { schema: schemaOf(eventSchema(type), 'output') } } },
      responses: { '2XX': { description: 'Received; anything else is tried again' } },
    },
  };
}

/** OpenAPI 3.1 for the route table, from the schemas that validate requests. */
export function openApiOf(
  routes: readonly Route[],
  about: { version: string; url: string },
): OpenApiDocument {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sapa',
      version: about.version,
      description: [
        'One conversation pipeline for every channel. Errors are RFC 9457 problems with a stable `code`.',
        'Lists take `limit` and `cursor` and answer `{items, next_cursor}`. Writes take an `Idempotency-Key`.',
        'With the global key, name the tenant in `X-Tenant-Id`.',
      ].join(' '),
    },
    servers: [{ url: about.url }],
    tags: TAGS,
    paths,
    webhooks: Object.fromEntries(EVENT_TYPES.map((type) => [type, webhookOf(type)])),
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        visitor: { type: 'http', scheme: 'bearer', description: 'Token of `POST /v1/web/session`' },
      },
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      responses: {
        Problem: {
          description: 'What went wrong',
          content: {
            'application/problem+json': {
              schema: { $ref: '#/components/schemas/Problem' },
              example: PROBLEM_EXAMPLE,
            },
          },
        },
      },
    },
  };
}

function operationOf(route: Route): OperationObject {
  const { body, description } = route;
  const responses = Object.entries(route.responses).map(([status, response]) => [
    status,
    responseOf(route, response),
  ]);
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...(description === undefined ? {} : { description }),
    security: SECURITY[route.auth],
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: !body.optional, content: bodyContent(route, body) } }),
    responses: {
      ...(Object.fromEntries(responses) as Record<string, JsonObject>),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** `post_chat`, `get_kb_documents_id`: stable names for generated clients. */
function operationId(route: Route): string {
  const words = route.path.replace(/^\/v1\//, '').match(/\w+/g) ?? ['root'];
  return [route.method.toLowerCase(), ...words].join('_');
}

function fieldsOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): ParameterObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function parametersOf(route: Route): ParameterObject[] {
  const parameters = [...fieldsOf(route.params, 'path'), ...fieldsOf(route.query, 'query')];
  if (route.auth === 'tenant') parameters.push(tenantHeader);
  if (route.idempotency === 'stored' || route.idempotency === 'own') parameters.push(keyHeader);
  return parameters;
}

const tenantHeader: ParameterObject = {
  name: 'X-Tenant-Id',
  in: 'header',
  required: false,
  description: 'With the global key: the tenant to act for',
  schema: { type: 'string' },
};

const keyHeader: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and body give the same answer; another body is 422',
  schema: { type: 'string', maxLength: 200 },
};

function bodyContent(route: Route, body: BodySpec<unknown>): Record<string, JsonObject> {
  const { $defs, ...schema } = schemaOf(body.schema, 'input');
  const properties: JsonObject = { ...(schema['properties'] as JsonObject | undefined) };
  if (route.auth === 'tenant') properties['tenant_id'] = schemaOf(tenantIdSchema.optional(), 'input');
  if (body.type !== 'upload') {
    const defs = $defs === undefined ? {} : { $defs };
    return { 'application/json': { schema: { ...schema, ...defs, properties }, example: body.example } };
  }
  const file = { type: 'string', format: 'binary' };
  const plain = body.plainTypes.map((type) => [type, { schema: { type: 'string' } }] as const);
  return {
    'multipart/form-data': {
      schema: { ...schema, properties: { file, ...properties }, required: ['file'] },
      example: body.example,
    },
    ...Object.fromEntries(plain),
    ...(body.json === undefined
      ? {}
      : { 'application/json': { schema: schemaOf(body.json.schema, 'input'), example: body.json.example } }),
  };
}

function responseOf(route: Route, response: ResponseSpec): JsonObject {
  const { description, schema, example, mediaType } = response;
  const headers = { 'X-Request-Id': { schema: { type: 'string' } } };
  if (mediaType !== undefined)
    return { description, headers, content: { [mediaType]: { schema: { type: 'string' } } } };
  if (schema === undefined) return { description, headers };
  const content: Record<string, JsonObject> = {
    'application/json': { schema: schemaOf(schema, 'output'), ...(example === undefined ? {} : { example }) },
  };
  if (/\/chat$/.test(route.path)) content['text/event-stream'] = { schema: { type: 'string' } };
  return { description, headers, content };
}
