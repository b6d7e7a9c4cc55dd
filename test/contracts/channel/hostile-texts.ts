import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/lib/project-root.js';

/** The Big List of Naughty Strings; only present if the data set was downloaded. */
export const naughtyPath = join(projectRoot, '../shared/data/hostile/blns.json');

export function naughtyStrings(): readonly string[] {
  const strings: unknown = JSON.parse(readFileSync(naughtyPath, 'utf8'));
  return strings as string[];
}
