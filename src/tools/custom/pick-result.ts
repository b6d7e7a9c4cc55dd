/** `data.items[0].status`, with list indexes in brackets. */
export const RESULT_PATH = /^[^.[\]\s]+(?:\.[^.[\]\s]+|\[\d{1,6}\])*$/u;

/** The part of a response at this path; `undefined`: it does not exist. */
export function pickResult(answer: unknown, path: string | undefined): unknown {
  if (path === undefined) return answer;
  let value = answer;
  for (const part of path.replaceAll('[', '.').replaceAll(']', '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
