import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateModel, type EvaluationOptions, type ModelReport } from './evaluate-model.js';
import { hookVariables } from './exchange-hook.js';
import { readRecording, withoutKeys, writeRun } from './exchanges.js';
import { SCRIPTED_MODEL, startScriptedVendor } from './scripted-vendor.js';
import { sideBySide } from './side-by-side.js';

/** Environment variables about models that are passed on to the service. */
const PASSED_ON = /^(?:OPENAI|ANTHROPIC|GEMINI)_(?:API_KEY|BASE_URL)$|^LLM_(?:SERVERS|MODELS_FILE)$/;

/**
 * `npm run eval -- --model openai:gpt-5-mini --model anthropic:claude-haiku-5-5` asks both the same cases and
 * shows them side by side; `--with FILE` adds earlier results, `--save FILE` saves these, `--business ID`
 * also asks what the customers of a business ask. `scripted:good` needs no key: it knows the cases and their
 * answers. `--record FILE` also saves what the vendors sent, and `--replay FILE` asks the cases again with
 * those responses: without a key, a network or costs.
 */
export async function evaluateModels(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', multiple: true, default: [] },
      business: { type: 'string', multiple: true, default: [] },
      with: { type: 'string', multiple: true, default: [] },
      save: { type: 'string' },
      record: { type: 'string' },
      replay: { type: 'string' },
    },
  });
  const { model: models, business: businesses, replay, record } = values;
  const file = record === undefined ? undefined : resolve(record);
  if (file !== undefined) rmSync(file, { force: true });
  const reports: ModelReport[] = values.with.flatMap(readReports);
  for (const model of models) {
    reports.push(
      model === SCRIPTED_MODEL
        ? await evaluateScripted(file)
        : await evaluateLive(model, { variables: variablesPassedOn(), businesses }, file),
    );
  }
  if (replay !== undefined) reports.push(...(await evaluateRecorded(resolve(replay), businesses)));
  console.log(sideBySide(reports));
  if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(reports, null, 2)}\n`);
}

function variablesPassedOn(): Readonly<Record<string, string>> {
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  return Object.fromEntries(passedOn.map(([name, value = '']) => [name, value]));
}

/** `file`: where to record it. */
async function evaluateLive(
  model: string,
  { variables, businesses }: EvaluationOptions,
  file: string | undefined,
): Promise<ModelReport> {
  if (file === undefined) return evaluateModel(model, { variables, businesses });
  writeRun(file, { run: model, variables: withoutKeys(variables) });
  const recorded = { ...variables, ...hookVariables('record', { file, model }) };
  return evaluateModel(model, { variables: recorded, businesses });
}

/** Evaluates every model in a recording. `LLM_MODELS_FILE`, with its prices, is that of today. */
export async function evaluateRecorded(
  file: string,
  businesses: readonly string[],
): Promise<readonly ModelReport[]> {
  const reports: ModelReport[] = [];
  for (const { run: model, variables } of readRecording(file).runs) {
    const replayed = { ...variables, ...hookVariables('replay', { file, model }) };
    const report = await evaluateModel(model, { variables: replayed, businesses });
    reports.push({ ...report, model: `${model} (replayed)` });
  }
  return reports;
}

export async function evaluateScripted(file?: string): Promise<ModelReport> {
  const vendor = await startScriptedVendor();
  try {
    return await evaluateLive(SCRIPTED_MODEL, { variables: vendor.variables, businesses: [] }, file);
  } finally {
    await vendor.close();
  }
}

/** Written by `--save`. */
function readReports(file: string): readonly ModelReport[] {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  return JSON.parse(readFileSync(file, 'utf8')) as readonly ModelReport[];
}
