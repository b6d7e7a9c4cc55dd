import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluateModel, type ModelReport } from './evaluate-model.js';
import { SCRIPTED_MODEL, startScriptedVendor } from './scripted-vendor.js';
import { sideBySide } from './side-by-side.js';

/** Environment variables about models that are passed on to the service. */
const PASSED_ON = /^(?:OPENAI|ANTHROPIC|GEMINI)_(?:API_KEY|BASE_URL)$|^LLM_(?:SERVERS|MODELS_FILE)$/;

/**
 * `npm run eval -- --model openai:gpt-5-mini --model anthropic:claude-haiku-5-5` asks both the same cases and
 * shows them side by side; `--with FILE` adds earlier results, `--save FILE` saves these, `--business ID`
 * also asks what the customers of a business ask. `scripted:good` needs no key: it knows the cases and their
 * answers.
 */
export async function evaluateModels(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', multiple: true, default: [] },
      business: { type: 'string', multiple: true, default: [] },
      with: { type: 'string', multiple: true, default: [] },
      save: { type: 'string' },
    },
  });
  const passedOn = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  const variables = Object.fromEntries(passedOn.map(([name, value = '']) => [name, value]));
  const reports: ModelReport[] = values.with.flatMap(readReports);
  for (const model of values.model) {
    reports.push(
      model === SCRIPTED_MODEL
        ? await evaluateScripted()
        : await evaluateModel(model, { variables, businesses: values.business }),
    );
  }
  console.log(sideBySide(reports));
  if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(reports, null, 2)}\n`);
}

async function evaluateScripted(): Promise<ModelReport> {
  const vendor = await startScriptedVendor();
  try {
    return await evaluateModel(SCRIPTED_MODEL, { variables: vendor.variables, businesses: [] });
  } finally {
    await vendor.close();
  }
}

/** Written by `--save`. */
function readReports(file: string): readonly ModelReport[] {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  return JSON.parse(readFileSync(file, 'utf8')) as readonly ModelReport[];
}
