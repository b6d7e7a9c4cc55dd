import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';
import { importedPath, importsOf, sourceFiles } from './source-files.js';

/** Rooms import the contracts and themselves, never each other. */
const ROOMS = [
  'audit',
  'automation',
  'config',
  'conversation',
  'delivery',
  'gateway',
  'http',
  'i18n',
  'jobs',
  'knowledge',
  'learning',
  'llm',
  'people',
  'seed',
  'store',
  'tabular',
  'telemetry',
  'tools',
];
/** Assembles the rooms: may import everything, and nothing else may import it. */
const TOP = ['src/compose/', 'src/main.ts', 'src/chat.ts', 'src/cli.ts', 'src/cli/'];

const isIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path.startsWith(place));
const isTop = (path: string): boolean => isIn(path, TOP);

/** The folders a file may import from; `undefined` if it belongs to no room. */
function allowedFor(path: string): readonly string[] | undefined {
  if (isTop(path)) return ['src/', 'channels/', 'commands/', 'locales/'];
  if (path === 'channels/index.ts') return ['src/contracts/', 'channels/'];
  const [first = '', second = ''] = path.split('/');
  switch (first) {
    case 'channels':
      return ['src/contracts/', 'src/lib/', `channels/${second}/`];
    case 'commands':
      return ['src/contracts/', 'src/lib/', 'commands/'];
    case 'src':
      if (second === 'contracts') return ['src/contracts/', 'locales/'];
      if (second === 'lib') return ['src/contracts/', 'src/lib/'];
      return ROOMS.includes(second) ? ['src/contracts/', 'src/lib/', `src/${second}/`] : undefined;
    default:
      return undefined;
  }
}

const files = sourceFiles('src', 'channels', 'commands');
const imports = files.flatMap((file) =>
  importsOf(file).flatMap((specifier) => {
    const to = importedPath(file.path, specifier);
    return to === undefined ? [] : [{ from: file.path, to }];
  }),
);

describe('the rooms of the source tree', () => {
  it('cover every file', () => {
    expect(files.length).toBeGreaterThan(200);
    expect(files.map(({ path }) => path).filter((path) => allowedFor(path) === undefined)).toEqual([]);
  });

  it('import only existing files', () => {
    // The page's libraries are served from their packages; a browser test loads them.
    const own = imports.filter(({ to }) => !to.startsWith('channels/web/public/vendor/'));
    expect(own.filter(({ to }) => !existsSync(join(projectRoot, to)))).toEqual([]);
  });

  it('import in the allowed directions', () => {
    const wrong = imports.filter(({ from, to }) => !isIn(to, allowedFor(from) ?? []));
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('do not import the modules that assemble them', () => {
    expect(imports.filter(({ from, to }) => isTop(to) && !isTop(from))).toEqual([]);
  });

  it('import nothing from the tests', () => {
    expect(imports.filter(({ to }) => to.startsWith('test/'))).toEqual([]);
  });

  it('have no import cycles, not even of types', () => {
    expect(circles(imports)).toEqual([]);
  });
});

it('existing import cycles are found', () => {
  const edge = (from: string, to: string) => ({ from, to });
  expect(circles([edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('c', 'd')])).toEqual([
    'a -> b -> c -> a',
  ]);
});

/** Import cycles as paths, one per file that closes a cycle. */
function circles(edges: readonly { readonly from: string; readonly to: string }[]): readonly string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    state.set(path, 'open');
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}
