import { isObject } from '../../lib/is-object.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** `name=value`, where the value may stand in quotes. */
const PAIR = /([\w.-]+)=("[^"]*"|\S+)/gu;

/**
 * What somebody wrote behind the name of a tool, as its input: pairs of `name=value`, or the text itself
 * where the tool takes one thing. `undefined` where it is neither.
 */
export function toolInput(
  argumentText: string,
  schema: JsonSchema,
): Readonly<Record<string, unknown>> | undefined {
  const text = argumentText.trim();
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const read = (name: string, value: string): unknown => asTyped(value, properties[name]);
  if (text === '') return {};
  if (text.replace(PAIR, '').trim() === '') {
    const pairs = [...text.matchAll(PAIR)].map(([, name = '', value = '']) => {
      return [name, read(name, value.replace(/^"(.*)"$/su, '$1'))] as const;
    });
    return Object.fromEntries(pairs);
  }
  const only = onlyField(schema);
  return only === undefined ? undefined : { [only]: read(only, text) };
}

/** The fields as somebody would write them: `day=… guests=…`. */
export function fieldsOf(schema: JsonSchema): string {
  if (onlyField(schema) !== undefined) return '…';
  return Object.keys(isObject(schema['properties']) ? schema['properties'] : {})
    .map((name) => `${name}=…`)
    .join(' ');
}

function onlyField(schema: JsonSchema): string | undefined {
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : [];
  const all = Object.keys(isObject(schema['properties']) ? schema['properties'] : {});
  const [only, ...others] = required.length > 0 ? required : all;
  return others.length === 0 && typeof only === 'string' ? only : undefined;
}

/** Text stays text unless the schema wants something else; what does not fit is left for the tool to refuse. */
function asTyped(value: string, schema: unknown): unknown {
  const type = isObject(schema) ? schema['type'] : undefined;
  if (type === undefined || type === 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
