// Compiles every WebAssembly text to the `module.ts` beside it:
//   node scripts/make-wasm.mjs
// With --check nothing is written; it fails if a module is not what its text says.
import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import initWabt from 'wabt';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FEATURES = { threads: true, simd: true, bulk_memory: true };

const wabt = await initWabt();

function moduleOf(path) {
  const text = wabt.parseWat(path, readFileSync(path, 'utf8'), FEATURES);
  const { buffer } = text.toBinary({});
  text.destroy();
  const name = basename(path, '.wat');
  return [
    `/** \`${name}.wat\`, compiled: ${buffer.length} bytes. */`,
    `export const ${name.toUpperCase()}_MODULE =`,
    `  '${Buffer.from(buffer).toString('base64')}';`,
    '',
  ].join('\n');
}

const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
const texts = entries.filter(({ name }) => name.endsWith('.wat'));
if (texts.length === 0) throw new Error('there is no WebAssembly text in src');
const outdated = [];
for (const { parentPath, name } of texts) {
  const module = moduleOf(join(parentPath, name));
  const path = join(parentPath, 'module.ts');
  if (readFileSync(path, 'utf8') === module) continue;
  if (process.argv.includes('--check')) outdated.push(path);
  else writeFileSync(path, module);
}
if (outdated.length > 0) {
  console.error(`not what the text beside it says, run scripts/make-wasm.mjs: ${outdated.join(', ')}`);
  process.exitCode = 1;
}
