import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';

/** The path in the base address that the docs' examples call `$SAPA`. */
const BASE = '/v1';

it('every URL called in an example of the docs is a route of the API', () => {
  const routes = new Set(
    sources().flatMap((text) => [...text.matchAll(/['`](\/v1\/[^'`]*)['`]/gu)].map(([, path]) => path ?? '')),
  );
  const patterns = [...routes].map((path) => new RegExp(`^${path.replace(/\$?\{[^}]+\}/gu, '[^/]+')}$`, 'u'));
  const called = docs().flatMap(({ name, text }) =>
    [...text.matchAll(/\$SAPA(\/[^\s"'?`]+)/gu)].map(([, path = '']) => ({ name, path: `${BASE}${path}` })),
  );
  expect(called.length).toBeGreaterThan(20);
  expect(called.filter(({ path }) => !patterns.some((pattern) => pattern.test(path)))).toEqual([]);
});

function sources(): readonly string[] {
  return readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(projectRoot, 'src', name), 'utf8'));
}

function docs(): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(join(projectRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => ({ name, text: readFileSync(join(projectRoot, 'docs', name), 'utf8') }));
}
