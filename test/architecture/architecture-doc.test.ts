import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';

it('docs/architecture.md names only paths that exist', () => {
  const text = readFileSync(join(projectRoot, 'docs/architecture.md'), 'utf8');
  const paths = text.match(/\b(?:src|test|commands|channels|locales)\/[\w/.-]*\w/g) ?? [];
  expect(paths.length).toBeGreaterThan(15);
  expect(paths.filter((path) => !existsSync(join(projectRoot, path)))).toEqual([]);
});
