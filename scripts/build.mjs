// Transpiles every TypeScript file to dist/, same folders, no bundling: what runs is what is read.
// Types are checked by `npm run typecheck`. A file is written only when it changed, by rename,
// so that a running process never loads half a file.
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
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

async function isCurrent(source, target) {
  const [a, b] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  return b !== undefined && b.mtimeMs > a.mtimeMs;
}

const wanted = new Set();
const work = [];
for (const folder of folders) {
  for await (const source of files(join(root, folder), '.ts')) {
    if (source.endsWith('.d.ts') || source.endsWith('.test.ts')) continue;
    const target = join(out, relative(root, source).replace(/\.ts$/, '.js'));
    wanted.add(target);
    work.push(async () => {
      if (await isCurrent(source, target)) return;
      const { code } = await transform(await readFile(source, 'utf8'), {
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
for await (const old of files(out, '.js')) if (!wanted.has(old)) await rm(old, { force: true });
