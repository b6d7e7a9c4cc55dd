import { z } from 'zod';
import { CONFIRMATIONS } from '../../contracts/tool.js';
import { invalidRequest, type HttpProblem } from '../../lib/api/problem.js';
import { TOOL_NAME } from '../registry.js';
import { CONTACT_VALUES } from './call-http.js';
import { isObject } from '../../lib/is-object.js';
import { inputOf, SchemaError } from './input-schema.js';
import type { NewTool } from './custom-tool.js';
import { RESULT_PATH } from './pick-result.js';
import { placeholdersOf, problemOfTemplate } from './url-template.js';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** These belong to the connection or are set by us. */
const OWN_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'idempotency-key',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const MOST_HEADERS = 20;

export const headersSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'is not the name of a header')
      .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'cannot be set'),
    z
      .string()
      .max(4000)
      .regex(/^[\x20-\x7e]*$/, 'is not plain text'),
  )
  .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, `at most ${MOST_HEADERS} headers`)
  .describe('Kept encrypted, and never shown again');

const urlSchema = z.string().min(1).max(2000);

export const httpToolSchema = z.strictObject({
  name: z.string().regex(TOOL_NAME, 'a-z, 0-9 and _, beginning with a letter, at most 64'),
  description: z.string().trim().min(1).max(1000).describe('For the model: when to use it, what it gives'),
  method: z.enum(METHODS),
  url: urlSchema.describe('With {placeholders} in the path or the query'),
  headers: headersSchema.optional(),
  input_schema: z.record(z.string(), z.unknown()).default({}).describe('JSON Schema of an object'),
  effect: z.enum(['read', 'write']).optional().describe('Absent: a GET reads, everything else writes'),
  confirmation: z.enum(CONFIRMATIONS).optional(),
  result_path: z
    .string()
    .max(300)
    .regex(RESULT_PATH, 'like data.items[0].status')
    .optional()
    .describe('The part of the answer that counts'),
});

export const openApiSchema = z
  .strictObject({
    spec: z
      .union([z.record(z.string(), z.unknown()), z.string().min(1)])
      .optional()
      .describe('The document itself, also as text in JSON or YAML'),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .optional()
      .describe('Where the document stands'),
    operations: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(200)
      .optional()
      .describe('By operationId or as "GET /path"; absent: all'),
    headers: headersSchema.optional(),
    confirmation: z.enum(CONFIRMATIONS).optional().describe('Of those that change something'),
  })
  .refine(({ spec, url }) => (spec === undefined) !== (url === undefined), 'either spec or url');

/** The tool described by the body. Throws an `HttpProblem` that names the field. */
export function httpToolOf(body: z.output<typeof httpToolSchema>): NewTool {
  const { name, description, method, url, confirmation } = body;
  const inputSchema = checkedInput(body.input_schema);
  const problem = problemOfTemplate(url) ?? unknownPlaceholder(url, inputSchema);
  if (problem !== undefined) throw wrongField('url', problem);
  // Asking for confirmation of calls implies that they change something.
  const isRead = method === 'GET' && (confirmation ?? 'never') === 'never';
  const effect = body.effect ?? (isRead ? 'read' : 'write');
  if (effect === 'read' && confirmation !== undefined && confirmation !== 'never') {
    throw wrongField('confirmation', 'A tool that only reads is never confirmed.');
  }
  return {
    name,
    description,
    effect,
    ...(effect === 'read' || confirmation === undefined ? {} : { confirmation }),
    inputSchema,
    call: {
      type: 'http',
      method,
      url,
      places: {},
      rest: method === 'GET' || method === 'DELETE' ? 'query' : 'body',
      ...(body.result_path === undefined ? {} : { resultPath: body.result_path }),
    },
  };
}

function checkedInput(schema: unknown): NewTool['inputSchema'] {
  try {
    return inputOf(schema).jsonSchema;
  } catch (error) {
    if (error instanceof SchemaError) throw wrongField('input_schema', error.message);
    throw error;
  }
}

function unknownPlaceholder(url: string, { properties }: NewTool['inputSchema']): string | undefined {
  const allowedNames = new Set<string>([
    ...Object.keys(isObject(properties) ? properties : {}),
    ...CONTACT_VALUES,
  ]);
  const unknown = placeholdersOf(url).find((name) => !allowedNames.has(name));
  return unknown === undefined
    ? undefined
    : `{${unknown}} is neither in input_schema nor known of the person`;
}

function wrongField(path: string, message: string): HttpProblem {
  return invalidRequest('The tool cannot be used like this.', [{ path, code: 'invalid', message }]);
}
