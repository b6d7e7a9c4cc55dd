// Run from dist/ as a restricted child process: tries to read each file it is given.
import { readFileSync } from 'node:fs';

process.once('message', (paths: readonly string[]) => {
  const read = paths.map((path) => {
    try {
      readFileSync(path);
      return 'read';
    } catch (error) {
      return error instanceof Error && 'code' in error ? error.code : 'failed';
    }
  });
  process.send?.(read, () => process.exit(0));
});
