import { execFileSync } from 'node:child_process';

/** Compiles once before the tests, because workers and child processes run from dist/. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
