// Transpiles every TypeScript file to dist/ in the same folders; types are checked by `npm run typecheck`. The
// programs are bundled instead, because opening a thousand files takes longer than everything else a start
// does; what they load only when needed is in dist/chunks. A file is written only if it changed, by renaming, so
// that a running process never loads a partial file.
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'dist');
const folders = ['src', 'channels', 'commands', 'test'];
const programs = ['src/main.ts', 'src/chat.ts', 'src/cli.ts', 'src/store/embedded/worker.ts'];
const options = {
  format: 'esm',
  target: 'node20',
  sourcesContent: false,
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};

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
const before = { files: {}, bundle: {}, ...JSON.parse(await readFile(notes, 'utf8').catch(() => '{}')) };
const self = await readFile(fileURLToPath(import.meta.url));
const now = {};

const hashOf = (...texts) => {
  const hash = createHash('sha256').update(self);
  for (const text of texts) hash.update(text);
  return hash.digest('base64url');
};

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Bundles the programs if any file has changed. Returns what they were built from and the files they are in. */
async function bundle() {
  const from = hashOf(JSON.stringify(Object.entries(now).sort()));
  const { outputs = [] } = before.bundle;
  const present = await Promise.all(outputs.map((name) => exists(join(out, name))));
  if (before.bundle.from === from && present.every(Boolean)) return before.bundle;
  const { outputFiles } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: programs,
    outbase: root,
    outdir: out,
    bundle: true,
    splitting: true,
    platform: 'node',
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: 'linked',
    write: false,
  });
  // Chunks first: a program must never name one that is not there yet.
  const byChunk = outputFiles.toSorted((a, b) => Number(isChunk(b.path)) - Number(isChunk(a.path)));
  for (const { path, text } of byChunk) await writeIfChanged(path, text);
  // A process that was started from the build before may still load its chunks.
  return { from, outputs: outputFiles.map(({ path }) => relative(out, path)), earlier: outputs };
}

const isChunk = (path) => relative(out, path).startsWith('chunks');

const wanted = new Set();
const work = [];
for (const folder of folders) {
  for await (const source of files(join(root, folder), '.ts')) {
    if (source.endsWith('.d.ts') || source.endsWith('.test.ts')) continue;
    const target = join(out, relative(root, source).replace(/\.ts$/, '.js'));
    wanted.add(target);
    work.push(async () => {
      const name = relative(root, source);
      const text = await readFile(source, 'utf8');
      now[name] = hashOf(text);
      if (programs.includes(name) || (before.files[name] === now[name] && (await exists(target)))) return;
      const { code } = await transform(text, {
        ...options,
        loader: 'ts',
        sourcefile: source,
        sourcemap: 'inline',
      });
      await writeIfChanged(target, code);
    });
  }
}
await Promise.all(work.map((job) => job()));
const bundled = await bundle();
await writeIfChanged(notes, JSON.stringify({ files: now, bundle: bundled }));
for (const name of [...bundled.outputs, ...(bundled.earlier ?? [])]) wanted.add(join(out, name));
for (const ending of ['.js', '.js.map']) {
  for await (const old of files(out, ending)) if (!wanted.has(old)) await rm(old, { force: true });
}
