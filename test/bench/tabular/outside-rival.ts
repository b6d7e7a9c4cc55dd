import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../../src/lib/project-root.js';
import type { BenchTable } from './tables.js';

/** A rival that is not part of Sapa: a program that fits and measures itself in a process of its own. */
export interface RivalProgram {
  /** A program and its option for running text, such as `['python3', '-c']`. */
  readonly runtime: readonly [command: string, option: string];
  /** Fails if the rival is not installed. */
  readonly check: string;
  /**
   * Gets the files to train on and to test on, the target and the task as arguments; its last line of output
   * is JSON with `fit_ms` and `quality`.
   */
  readonly program: string;
}

export interface RivalFit {
  readonly fitMs: number;
  readonly quality: number;
}

export interface OutsideRival {
  fit(): RivalFit;
  close(): void;
}

const resultSchema = z.object({ fit_ms: z.number(), quality: z.number() });

/** `undefined` if the rival is not installed. */
export function outsideRival(rival: RivalProgram, table: BenchTable): OutsideRival | undefined {
  const [command, option] = rival.runtime;
  const run = (program: string, args: readonly string[]) =>
    spawnSync(command, [option, program, ...args], { encoding: 'utf8', cwd: projectRoot });
  if (run(rival.check, []).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sapa-bench-'));
  const files = [join(folder, 'train.csv'), join(folder, 'test.csv')] as const;
  writeFileSync(files[0], table.train);
  writeFileSync(files[1], table.test);
  return {
    fit() {
      const { stdout, stderr, status } = run(rival.program, [...files, table.target, table.task]);
      if (status !== 0) throw new Error(stderr);
      const { fit_ms: fitMs, quality } = resultSchema.parse(
        JSON.parse(stdout.trim().split('\n').at(-1) ?? ''),
      );
      return { fitMs, quality };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
