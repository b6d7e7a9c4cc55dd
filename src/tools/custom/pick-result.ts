/** `data.items[0].status`, with numbers for the places of a list. */
export const RESULT_PATH = /^[^.[\]\s]+(?:\.[^.[\]\s]+|\[\d{1,6}\])*$/u;

/** The part of an answer that the path names; `undefined` where there is none. */
export function pickResult(answer: unknown, path: string | undefined): unknown {
  if (path === undefined) return answer;
  let value = answer;
  for (const part of path.replaceAll('[', '.').replaceAll(']', '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
