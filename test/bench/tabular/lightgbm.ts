import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { BenchTable } from './tables.js';

/** LightGBM with its defaults, 100 rounds on one thread, from columns in memory; imports are not measured. */
const PROGRAM = `
import json, sys, time
import lightgbm as lgb, numpy as np, pandas as pd
train, test = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
target, is_number = sys.argv[3], sys.argv[4] == 'REGRESSION'
both = pd.concat([train, test])
inputs = both.drop(columns=[target])
for name in inputs.columns:
    if not pd.api.types.is_numeric_dtype(inputs[name]): inputs[name] = inputs[name].astype('category')
truth = both[target].astype(float).values if is_number else both[target].astype('category').cat.codes.values
count = len(train)
options = dict(objective='regression' if is_number else 'binary', num_threads=1, verbose=-1)
started = time.perf_counter()
model = lgb.train(options, lgb.Dataset(inputs.iloc[:count], truth[:count]), 100)
took = (time.perf_counter() - started) * 1000
said = model.predict(inputs.iloc[count:])
actual = truth[count:]
quality = np.sqrt(np.mean((said - actual) ** 2)) if is_number else np.mean((said > 0.5) == actual)
print(json.dumps({'fit_ms': took, 'quality': float(quality)}))
`;

const resultSchema = z.object({ fit_ms: z.number(), quality: z.number() });

export interface LightGbm {
  fit(): { readonly fitMs: number; readonly quality: number };
  close(): void;
}

/** `undefined` if there is no Python with LightGBM. */
export function lightGbm({ train, test, target, task }: BenchTable): LightGbm | undefined {
  if (spawnSync('python3', ['-c', 'import lightgbm, pandas']).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'sapa-bench-'));
  const files = [join(folder, 'train.csv'), join(folder, 'test.csv')] as const;
  writeFileSync(files[0], train);
  writeFileSync(files[1], test);
  return {
    fit() {
      const { stdout, stderr, status } = spawnSync('python3', ['-c', PROGRAM, ...files, target, task], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      const { fit_ms: fitMs, quality } = resultSchema.parse(JSON.parse(stdout));
      return { fitMs, quality };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
