import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { projectRoot } from '../../src/lib/project-root.js';

it('every compiled WebAssembly module is what the text beside it says', async () => {
  const script = join(projectRoot, 'scripts', 'make-wasm.mjs');
  await expect(promisify(execFile)(process.execPath, [script, '--check'])).resolves.toMatchObject({
    stderr: '',
  });
});
