import type { FieldError } from '../../lib/api/problem.js';
import { invalidRequest } from '../../lib/api/problem.js';
import { cleanText } from './clean-json.js';

/** The query as text values; a repeated name is a 400, since its value would be ambiguous. */
export function readQuery(queryString: string): Record<string, string> {
  const values = new Map<string, string>();
  const duplicates: FieldError[] = [];
  for (const [name, value] of new URLSearchParams(queryString)) {
    if (values.has(name))
      duplicates.push({ path: name.slice(0, 100), code: 'duplicate', message: 'Given more than once.' });
    values.set(name, cleanText(value));
  }
  if (duplicates.length > 0) throw invalidRequest('A query parameter came more than once.', duplicates);
  return Object.fromEntries(values);
}
