import { isObject } from '../lib/is-object.js';

/** The arguments of a tool call; `undefined`: not a complete JSON object. */
export function parseToolArguments(json: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  return isObject(value) ? value : undefined;
}
