import type { RivalProgram } from './outside-rival.js';

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

/** LightGBM with its defaults, 100 rounds on one thread, from columns in memory; imports are not measured. */
export const LIGHTGBM: RivalProgram = {
  runtime: ['python3', '-c'],
  check: 'import lightgbm, pandas',
  program: PROGRAM,
};
