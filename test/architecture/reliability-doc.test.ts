import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';

/** The end of a table row: the file of a test and its title. */
const HELD_BY = /\| `([^`]+)` \| (.+) \|$/;

it('every promise of docs/reliability.md names existing tests, by file and title', () => {
  const lines = readFileSync(join(projectRoot, 'docs/reliability.md'), 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !/^\| (?:---|promise|platform) /.test(line));
  const wrong = rows.filter((row) => {
    const [, file = '', title = ''] = HELD_BY.exec(row) ?? [];
    const path = join(projectRoot, 'test', file);
    return file === '' || !existsSync(path) || !isTitleIn(readFileSync(path, 'utf8'), title);
  });
  expect(rows.length).toBeGreaterThan(80);
  expect(wrong).toEqual([]);
});

function isTitleIn(source: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote},`));
}
