// Transpiles every TypeScript file to dist/ in the same folders, without bundling, so that what runs matches
// the source. Types are checked by `npm run typecheck`. A file is written only if it changed, by renaming, so
// that a running process never loads a partial file.
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'dist');
const folders = ['src', 'channels', 'commands', 'test'];

async function* files(folder, ending) {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (entry.isFile() && entry.name.endsWith(ending)) yield join(entry.parentPath, entry.name);
  }
}

async function writeIfChanged(path, text) {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

// What each file was built from, by content: modification times of copied files mean nothing.
const notes = join(out, 'built-from.json');
const before = JSON.parse(await readFile(notes, 'utf8').catch(() => '{}'));
const self = await readFile(fileURLToPath(import.meta.url));
const now = {};

async function isCurrent(source, target, text) {
  const name = relative(root, source);
  now[name] = createHash('sha256').update(self).update(text).digest('base64url');
  if (before[name] !== now[name]) return false;
  return access(target).then(
    () => true,
    () => false,
  );
}

const wanted = new Set();
const work = [];
for (const folder of folders) {
  for await (const source of files(join(root, folder), '.ts')) {
    if (source.endsWith('.d.ts') || source.endsWith('.test.ts')) continue;
    const target = join(out, relative(root, source).replace(/\.ts$/, '.js'));
    wanted.add(target);
    work.push(async () => {
      const text = await readFile(source, 'utf8');
      if (await isCurrent(source, target, text)) return;
      const { code } = await transform(text, {
        loader: 'ts',
        format: 'esm',
        target: 'node20',
        sourcefile: source,
        sourcemap: 'inline',
        sourcesContent: false,
        tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      });
      await writeIfChanged(target, code);
    });
  }
}
await Promise.all(work.map((job) => job()));
await writeIfChanged(notes, JSON.stringify(now));
for await (const old of files(out, '.js')) if (!wanted.has(old)) await rm(old, { force: true });
