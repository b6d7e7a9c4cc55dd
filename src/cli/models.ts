import type { Command } from 'commander';
import type { DescribedModel } from '../llm/index.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { table } from './table.js';

/** `models list/refresh`: the language models of the service and their prices. */
export function modelsCommand(line: CommandLine): Command {
  const { t } = line;
  const models = line.noun('models', t('cli.models'));

  models.addCommand(
    line.verb('list', t('cli.models.list')).reports(async () => {
      const { models: registry, describeModels } = await open(line);
      const described = describeModels(registry.chain(), registry.catalogue);
      const readAt = registry.catalogue.lists()?.read_at;
      const text = [table(described.map((each) => rowOf(each, line))), readText(readAt, line)].join('\n');
      return { json: { items: described.map(modelJson), read_at: readAt ?? null }, text };
    }),
  );
  const refresh = line.verb('refresh', t('cli.models.refresh'));
  models.addCommand(
    refresh.action(async () => {
      const { models: registry } = await open(line);
      const outcomes = await registry.catalogue.refresh(new AbortController().signal);
      const failed = outcomes.filter(({ problem }) => problem !== undefined).length;
      const rows = outcomes.map(({ source, models: count, problem }) => [
        source,
        problem ?? t('cli.models.count', { count }),
      ]);
      refresh.print({
        json: { items: outcomes },
        text: outcomes.length === 0 ? t('cli.models.nobodyToAsk') : table(rows),
      });
      if (failed > 0) throw new CliError('failed', t('cli.models.failed', { count: failed }));
    }),
  );
  return models;
}

/** Does not open the store: a running service picks up new lists within seconds. */
async function open(line: CommandLine) {
  const [{ makeEssentials }, { modelsRoom }, { describeModels }] = await Promise.all([
    import('../compose/foundation.js'),
    import('../compose/rooms/models.js'),
    import('../llm/index.js'),
  ]);
  const settings = line.settings();
  return { ...modelsRoom(makeEssentials(settings, line.logger(settings), [])), describeModels };
}

function rowOf({ name, contextTokens, price, isListed }: DescribedModel, { t }: CommandLine): string[] {
  const isOwn = name.startsWith('extractive:');
  const cost =
    price === undefined
      ? t(isOwn ? 'cli.models.free' : 'cli.models.unpriced')
      : t('cli.models.price', { input: price.input, output: price.output });
  const window = contextTokens === undefined ? '' : t('cli.models.window', { tokens: contextTokens });
  return [name, cost, window, isListed === false ? t('cli.models.gone') : ''];
}

function modelJson({ name, contextTokens, price, isListed }: DescribedModel): Record<string, unknown> {
  return {
    name,
    context_tokens: contextTokens ?? null,
    price: price ?? null,
    listed: isListed ?? null,
  };
}

function readText(readAt: string | undefined, { t }: CommandLine): string {
  return readAt === undefined
    ? t('cli.models.neverRead')
    : t('cli.models.readAt', { date: readAt.slice(0, 10) });
}
