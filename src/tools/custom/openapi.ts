import { TOOL_NAME } from '../registry.js';
import { freeName, toolName } from '../tool-name.js';
import { isObject } from '../../lib/is-object.js';
import { inputOf, plainSchema, resolvePointer, SchemaError } from './input-schema.js';
import { MOST_CUSTOM_TOOLS, type ArgumentPlace, type HttpCall, type NewTool } from './custom-tool.js';
import { OpenApiError } from './read-openapi.js';
import { problemOfTemplate } from './url-template.js';

type Part = Readonly<Record<string, unknown>>;

export interface SkippedOperation {
  /** `operationId`, or `GET /path`. */
  readonly operation: string;
  readonly reason: string;
}

export interface ImportedOperations {
  readonly tools: readonly (NewTool & { readonly call: HttpCall })[];
  readonly skipped: readonly SkippedOperation[];
}

export interface ImportOptions {
  /** Only these operations, by `operationId` or as `GET /path`; absent: all. */
  readonly operations?: readonly string[];
  /** The URL the document came from; its server URLs may be relative to it. */
  readonly readAt?: URL;
  readonly isTaken: (name: string) => boolean;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const LONGEST_DESCRIPTION = 800;
/** Headers that say how to call, not what is requested; the specification says to ignore the first three. */
const SKIPPED_HEADERS = new Set([
  'accept',
  'authorization',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
]);

/**
 * Builds a tool for each operation; operations that cannot become one are listed with the reason. Throws
 * `OpenApiError`.
 */
export function importOpenApi(document: Part, options: ImportOptions): ImportedOperations {
  const tools: ImportedOperations['tools'][number][] = [];
  const skipped: SkippedOperation[] = [];
  const requested = options.operations === undefined ? undefined : new Set(options.operations);
  const names = new Set<string>();
  const endpoints = operationsOf(document).filter(({ label, method, path }) => {
    const labels = [label, `${method.toUpperCase()} ${path}`];
    return requested === undefined || labels.some((each) => requested.delete(each));
  });
  if (endpoints.length > MOST_CUSTOM_TOOLS) {
    throw new OpenApiError(`It has ${endpoints.length} operations: choose some of them.`);
  }
  for (const endpoint of endpoints) {
    try {
      const { operation } = endpoint;
      const name = freeName(nameOf(operation, endpoint), (each) => names.has(each) || options.isTaken(each));
      tools.push(toolOf(name, endpoint, document, options.readAt));
      names.add(name);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      skipped.push({ operation: endpoint.label, reason: error.message });
    }
  }
  const missing = [...(requested ?? [])].map((operation) => ({
    operation,
    reason: 'is not in the document',
  }));
  return { tools, skipped: [...skipped, ...missing] };
}

interface LocatedOperation {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly label: string;
  readonly operation: Part;
  readonly pathItem: Part;
}

function operationsOf(document: Part): readonly LocatedOperation[] {
  const paths = isObject(document['paths']) ? document['paths'] : {};
  return Object.entries(paths).flatMap(([path, item]) => {
    const pathItem = resolved(item, document);
    return METHODS.flatMap((method) => {
      const operation = pathItem[method];
      if (!isObject(operation)) return [];
      const { operationId } = operation;
      const label = typeof operationId === 'string' ? operationId : `${method.toUpperCase()} ${path}`;
      return [{ method, path, label, operation, pathItem }];
    });
  });
}

function toolOf(
  name: string,
  endpoint: LocatedOperation,
  document: Part,
  readAt: URL | undefined,
): ImportedOperations['tools'][number] {
  const { method, path, operation, pathItem } = endpoint;
  const input = inputFor(endpoint, document);
  const server = serverOf([operation, pathItem, document], readAt);
  const url = `${server}${path.replace(/\{([^{}]*)\}/g, (_whole, placeholder: string) => `{${argumentName(placeholder)}}`)}`;
  const problem = problemOfTemplate(url);
  if (problem !== undefined) throw new SchemaError(`its address ${problem}`);
  const call: HttpCall = {
    type: 'http',
    method: method.toUpperCase() as HttpCall['method'],
    url,
    places: input.places,
    rest: 'query',
  };
  return {
    name,
    description: descriptionOf(endpoint),
    effect: method === 'get' ? 'read' : 'write',
    inputSchema: inputOf({ type: 'object', properties: input.properties, required: input.required })
      .jsonSchema,
    call,
  };
}

function inputFor({ operation, pathItem, path }: LocatedOperation, document: Part) {
  const properties: Record<string, unknown> = {};
  const places: Record<string, ArgumentPlace> = {};
  const required: string[] = [];
  for (const parameter of parametersOf(operation, pathItem, document)) {
    const { name, in: place } = parameter;
    const isKnown = place === 'path' || place === 'query' || place === 'header';
    if (
      typeof name !== 'string' ||
      !isKnown ||
      (place === 'header' && SKIPPED_HEADERS.has(name.toLowerCase()))
    ) {
      if (parameter['required'] === true && place === 'cookie') throw new SchemaError('it needs a cookie');
      continue;
    }
    const argument =
      place === 'path' ? argumentName(name) : freeName(argumentName(name), (each) => each in properties);
    properties[argument] = described(schemaOf(parameter, document), parameter);
    if (place !== 'path') places[argument] = { in: place, name };
    if (place === 'path' || parameter['required'] === true) required.push(argument);
  }
  for (const [, placeholder = ''] of path.matchAll(/\{([^{}]*)\}/g)) {
    const argument = argumentName(placeholder);
    if (!(argument in properties)) properties[argument] = { type: 'string' };
    if (!required.includes(argument)) required.push(argument);
  }
  const body = bodyOf(operation, document);
  if (body !== undefined) {
    const argument = freeName('body', (each) => each in properties);
    properties[argument] = body.schema;
    // An empty name makes the argument the whole body.
    places[argument] = { in: 'body', name: '' };
    if (body.isRequired) required.push(argument);
  }
  return { properties, places, required };
}

/** Parameters of the operation override those of its path. */
function parametersOf(operation: Part, pathItem: Part, document: Part): readonly Part[] {
  const all = [operation['parameters'], pathItem['parameters']]
    .flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []))
    .map((each) => resolved(each, document));
  const seen = new Set<string>();
  const effective = all.filter((parameter) => {
    const key = `${String(parameter['in'])} ${String(parameter['name'])}`;
    return !seen.has(key) && seen.add(key);
  });
  // Path parameters come first, because the path refers to their names.
  return effective.toSorted((a, b) => Number(b['in'] === 'path') - Number(a['in'] === 'path'));
}

function schemaOf(parameter: Part, document: Part): Part {
  const content = isObject(parameter['content']) ? Object.values(parameter['content'])[0] : undefined;
  const schema = isObject(content) ? content['schema'] : parameter['schema'];
  return plainSchema(schema ?? { type: 'string' }, document);
}

function bodyOf(operation: Part, document: Part): { schema: Part; isRequired: boolean } | undefined {
  if (operation['requestBody'] === undefined) return undefined;
  const body = resolved(operation['requestBody'], document);
  const content = isObject(body['content']) ? body['content'] : {};
  const json = Object.entries(content).find(([type]) =>
    /^application\/(?:[\w.-]+\+)?json\b|^\*\/\*/.test(type),
  );
  const isRequired = body['required'] === true;
  if (json === undefined) {
    if (isRequired) throw new SchemaError('its body is not JSON');
    return undefined;
  }
  const schema = isObject(json[1]) ? json[1]['schema'] : undefined;
  return { schema: plainSchema(schema ?? {}, document), isRequired };
}

function serverOf(places: readonly Part[], readAt: URL | undefined): string {
  const servers = places
    .map((place) => place['servers'])
    .find((each) => Array.isArray(each) && each.length > 0);
  const [server] = Array.isArray(servers) ? (servers as unknown[]) : [];
  const template = isObject(server) && typeof server['url'] === 'string' ? server['url'] : '/';
  const variables = isObject(server) && isObject(server['variables']) ? server['variables'] : {};
  const filled = template.replace(/\{([^{}]*)\}/g, (_whole, name: string) => {
    const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const value = isObject(variable) ? variable['default'] : undefined;
    if (typeof value !== 'string') throw new SchemaError(`its server has no value for ${name}`);
    return value;
  });
  if (!URL.canParse(filled, readAt?.href)) throw new SchemaError('it names no server');
  const { href } = new URL(filled, readAt);
  return href.replace(/[?#].*$/u, '').replace(/\/+$/u, '');
}

function resolved(value: unknown, document: Part): Part {
  let part = value;
  for (let steps = 0; isObject(part) && typeof part['$ref'] === 'string'; steps += 1) {
    if (steps > 10) throw new SchemaError('a $ref leads in a circle');
    part = resolvePointer(document, part['$ref']);
  }
  return isObject(part) ? part : {};
}

function described(schema: Part, { description }: Part): Part {
  return typeof description === 'string' ? { ...schema, description: description.slice(0, 500) } : schema;
}

function descriptionOf({ operation, method, path }: LocatedOperation): string {
  const parts = [operation['summary'], operation['description']].filter((each) => typeof each === 'string');
  const text = [...new Set(parts)].join('. ').trim();
  return (text === '' ? `${method.toUpperCase()} ${path}` : text).slice(0, LONGEST_DESCRIPTION);
}

/** `getOrderById` becomes `get_order_by_id`. */
function nameOf(operation: Part, { method, path }: LocatedOperation): string {
  const base = typeof operation['operationId'] === 'string' ? operation['operationId'] : `${method} ${path}`;
  const name = toolName(base);
  return TOOL_NAME.test(name) ? name : `call_${name}`.slice(0, 64);
}

/** An argument name without characters that have a meaning in store queries or URL templates. */
function argumentName(placeholder: string): string {
  const name = placeholder
    .replace(/[^A-Za-z\d_-]+/g, '_')
    .replace(/^[^A-Za-z_]+/, '_')
    .slice(0, 60);
  return name === '' || name === '__proto__' ? 'value' : name;
}
