import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import { allItems } from '../../contracts/stores.js';
import { quote } from '../../lib/excerpt.js';
import { shortId } from '../../lib/short-id.js';
import { confusionPicture, importancePicture } from '../pictures/model-pictures.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import { figureLine } from '../report/training-report.js';
import type { TabularNeeds } from './datasets-command.js';
import { findRecord, suggestRecords } from './find-record.js';

const SHOWN = 20;
const option = { model: { type: 'text', required: true, description: 'tables.command.model' } } as const;
const suggest = {
  model: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).models, typed),
};

type OneModel = (context: CommandContext<TabularNeeds>, row: ModelRow) => Promise<CommandReply>;

function withModel(run: OneModel) {
  return async (
    context: CommandContext<TabularNeeds>,
    { model }: { readonly model: string },
  ): Promise<CommandReply> => {
    const row = await findRecord(context.scope.store(tabularStore).models, model);
    return row === undefined
      ? { text: context.t('tables.notFound', { name: quote(model) }) }
      : run(context, row);
  };
}

/** `/models`: what was learned, its pictures, and which version is used. */
export const modelsCommand = defineCommand({
  name: 'models',
  audience: 'staff',
  description: 'tables.command.models',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'tables.command.models.list', options: {}, run: list }),
    show: defineSubcommand({
      description: 'tables.command.models.show',
      options: option,
      suggest,
      run: withModel(show),
    }),
    activate: defineSubcommand({
      description: 'tables.command.models.activate',
      options: option,
      suggest,
      run: withModel(async ({ t, scope, services }, { _id, name, version }) => {
        await services.tabular.activate(scope, _id);
        return { text: t('tables.models.activated', { name: quote(name), version }) };
      }),
    }),
    remove: defineSubcommand({
      description: 'tables.command.models.remove',
      options: option,
      suggest,
      run: withModel(async ({ t, scope, services }, { _id, name, version }) => {
        await services.tabular.removeModel(scope, _id);
        return { text: t('tables.models.removed', { name: quote(name), version }) };
      }),
    }),
  },
  run: list,
});

async function list({ t, scope }: CommandContext): Promise<CommandReply> {
  const rows = await allItems((page) => scope.store(tabularStore).models.list(page), SHOWN);
  if (rows.length === 0) return { text: t('tables.models.none') };
  const lines = rows.map((row) => lineOf(row, t));
  return { text: [t('tables.models.heading', { count: rows.length }), ...lines].join('\n') };
}

async function show({ t }: CommandContext, row: ModelRow): Promise<CommandReply> {
  const pictures = [
    { name: `${row.name}-importance.png`, bytes: await importancePicture(row) },
    { name: `${row.name}-confusion.png`, bytes: await confusionPicture(row) },
  ];
  const files = pictures.flatMap(({ name, bytes }) =>
    bytes === undefined ? [] : [{ name, mediaType: 'image/png', bytes }],
  );
  const figures = row.metrics === undefined ? [] : [figureLine(row.metrics, t)];
  return {
    text: [lineOf(row, t), ...figures].join('\n'),
    files,
    buttons: [[{ label: t('tables.button.predict'), action: '/predict' }]],
  };
}

function lineOf({ _id, name, version, target, active }: ModelRow, t: CommandContext['t']): string {
  const shown = target === '' ? name : target;
  return t('tables.models.line', {
    name: quote(name),
    version,
    target: quote(shown),
    active: String(active),
    id: shortId(_id),
  });
}
