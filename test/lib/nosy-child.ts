// Run from dist/ as a limited child: tries to read each file it is told of.
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
