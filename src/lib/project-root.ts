import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json not found above the running file');
    folder = parent;
  }
  return folder;
}

/** The folder of package.json, from which locales, pages and the sample business are read. */
export const projectRoot = findRoot();

/**
 * URL of a compiled file for a worker thread or a child process, e.g.
 * `compiledEntry('src/knowledge/parse/child.js')`. Always in dist/, whether the caller was compiled or is run
 * from source by the test runner.
 */
export function compiledEntry(path: string): URL {
  return pathToFileURL(join(projectRoot, 'dist', path));
}
