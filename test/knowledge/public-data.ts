import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/lib/project-root.js';

/** Folder of a public data set beside the project; `undefined` if it is absent, which is also printed. */
export function publicData(path: string): string | undefined {
  const folder = join(projectRoot, '../shared/data', path);
  if (existsSync(folder)) return folder;
  process.stdout.write(`skipped: the public data set ${path} is not beside the project\n`);
  return undefined;
}
