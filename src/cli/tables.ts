import { stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { Translate } from '../contracts/i18n.js';
import { TABLE_LIMITS, TabularError } from '../contracts/tabular.js';
import { modelJson, problemText, tooManyBytes, trainingJson, trainingReport } from '../tabular/index.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { plainText } from './plain-text.js';
import { readBytes } from './read-input.js';

interface Options {
  readonly tenant: string;
  readonly target: string;
  readonly name?: string;
  readonly model?: string;
  readonly out?: string;
}

/** `train FILE --target COLUMN`: trains a model on a CSV, in a child of this process. */
export function trainCommand(line: CommandLine): Command {
  const { t } = line;
  return line
    .tenantVerb('train', t('cli.train'))
    .argument('<file>')
    .requiredOption('--target <column>', t('tables.command.column'))
    .option('--name <name>', t('tables.command.name'))
    .reports(async (file: string, { tenant, target, name }: Options) => {
      const bytes = await readTable(file, t);
      const stopping = new AbortController();
      process.once('SIGINT', () => stopping.abort());
      return line.changeTenant(tenant, 'tables.train', ({ tabular }, scope) =>
        refusing(t, async () => {
          const dataset = await tabular.addDataset(scope, { fileName: basename(file), bytes });
          const request = { datasetId: dataset._id, wish: { target }, userId: 'cli' };
          const training = await tabular.trainNow(
            scope,
            { ...request, ...(name === undefined ? {} : { name }) },
            stopping.signal,
          );
          const { modelId, error } = training;
          if (error !== undefined || modelId === undefined) {
            throw new CliError('failed', plainText(trainingReport(training, undefined, t)));
          }
          const model = await tabular.model(scope, modelId);
          const json = { ...trainingJson(training), model: modelJson(model) };
          return { json, text: plainText(trainingReport(training, model, t)) };
        }),
      );
    });
}

/** `predict FILE`: outputs the table with the model's predictions for each row. */
export function predictCommand(line: CommandLine): Command {
  const { t } = line;
  return line
    .tenantVerb('predict', t('cli.predict'))
    .argument('<file>')
    .option('--model <model>', t('tables.command.model'))
    .option('--out <file>', t('tables.command.file'))
    .reports(async (file: string, { tenant, model, out }: Options) => {
      const bytes = await readTable(file, t);
      const predicted = await line.withTenant(tenant, ({ tabular }, scope) =>
        refusing(t, () => tabular.predictFile(scope, model, bytes)),
      );
      const { csv, rows, results, model: modelRow } = predicted;
      const json = { model_id: modelRow._id, rows, ...results };
      if (out === undefined) return { json, text: Buffer.concat(csv).toString('utf8').trimEnd() };
      await writeFile(out, csv);
      return {
        json,
        text: t('tables.predict.file', { rows, name: modelRow.name, version: modelRow.version }),
      };
    });
}

/** The size is checked first: a file that is too large is refused at once. */
async function readTable(file: string, t: Translate): Promise<Buffer> {
  const size = await stat(file).then(
    (stats) => stats.size,
    // Reading the file says what is wrong with it.
    () => 0,
  );
  if (size > TABLE_LIMITS.bytes) throw new CliError('failed', plainText(problemText(t, tooManyBytes())));
  return readBytes(file, t);
}

async function refusing<Result>(t: Translate, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof TabularError ? new CliError('failed', plainText(problemText(t, error))) : error;
  }
}
