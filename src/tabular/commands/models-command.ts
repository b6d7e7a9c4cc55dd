import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import { excerpt, quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import { modelPictures, wordsOfPictures } from '../pictures/model-pictures.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import { figureLine, reportButtons } from '../report/training-report.js';
import type { TabularNeeds } from './needs.js';
import { findRecord, lookUpRecord, newestRecords, suggestRecords } from './find-record.js';
import { askToRemove, discard } from './remove-model.js';

const MAX_LISTED = 20;
const SHOWN_VERSIONS = 8;
const LISTED_BUTTONS = 5;
const option = { model: { type: 'text', required: true, description: 'tables.command.model' } } as const;
const suggest = {
  model: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).models, typed),
};

type OneModel = (context: CommandContext<TabularNeeds>, row: ModelRow) => Promise<CommandReply>;

function withModel(run: OneModel, find: typeof findRecord<ModelRow> = findRecord) {
  return async (
    context: CommandContext<TabularNeeds>,
    { model }: { readonly model: string },
  ): Promise<CommandReply> => {
    const row = await find(context.scope.store(tabularStore).models, model);
    return row === undefined
      ? { text: context.t('tables.notFound', { name: quote(model) }) }
      : run(context, row);
  };
}

/** `/models`: the trained models, their pictures, and which version is in use. */
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
      run: withModel(show, lookUpRecord),
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
    compare: defineSubcommand({
      description: 'tables.command.models.compare',
      options: option,
      suggest,
      run: withModel(compare, lookUpRecord),
    }),
    remove: defineSubcommand({
      description: 'tables.command.models.remove',
      options: option,
      suggest,
      run: withModel(askToRemove),
    }),
    discard: defineSubcommand({
      unlisted: true,
      description: 'tables.command.models.remove',
      options: option,
      run: withModel(discard),
    }),
  },
  run: list,
});

async function list({ t, scope }: CommandContext): Promise<CommandReply> {
  const { rows, isMore } = await newestRecords(scope.store(tabularStore).models, MAX_LISTED);
  if (rows.length === 0) return { text: t('tables.models.none') };
  const lines = rows.map((row) => `- ${lineOf(row, t)}`);
  const heading = t('tables.models.heading', { count: rows.length, more: String(isMore) });
  const buttons = rows
    .filter(({ active }) => active)
    .slice(0, LISTED_BUTTONS)
    .map(({ _id, name }) => [
      {
        label: t('tables.models.open', { name: excerpt(name, 40) }),
        action: `/models compare ${shortId(_id)}`,
      },
    ]);
  return { text: [heading, ...lines].join('\n'), buttons };
}

async function show(context: CommandContext, row: ModelRow): Promise<CommandReply> {
  const { t, scope } = context;
  const pictures = await modelPictures(row, wordsOfPictures(context));
  const figures = row.metrics === undefined ? [] : [figureLine(row.metrics, t)];
  const versions = await scope.store(tabularStore).models.versions(row.name);
  return {
    text: [lineOf(row, t), ...figures].join('\n'),
    files: pictures.map((picture) => ({ ...picture, mediaType: 'image/png' })),
    buttons: reportButtons(row, versions, t),
  };
}

/** All versions of a name with their figures, and buttons to use them or show their pictures. */
async function compare({ t, scope }: CommandContext, { name }: ModelRow): Promise<CommandReply> {
  const versions = (await scope.store(tabularStore).models.versions(name)).slice(0, SHOWN_VERSIONS);
  const lines = versions.map((row) =>
    t('tables.models.version', {
      version: row.version,
      active: String(row.active),
      when: row.createdAt.toISOString().slice(0, 10),
      figure: shortFigure(row, t),
    }),
  );
  const tables = new Set(
    versions.map(({ datasetId, metrics }) => `${datasetId ?? ''} ${metrics?.rows ?? ''}`),
  );
  // A blank line ends the list.
  const note = tables.size > 1 ? [`\n${t('tables.models.sameRows')}`] : [];
  const buttons = versions
    .filter(({ active }) => !active)
    .map(({ _id, version }) => [
      { label: t('tables.button.use', { version }), action: `/models activate ${shortId(_id)}` },
      { label: t('tables.button.pictures', { version }), action: `/models show ${shortId(_id)}` },
    ]);
  return { text: [t('tables.models.compare', { name: quote(name) }), ...lines, ...note].join('\n'), buttons };
}

function shortFigure({ metrics }: ModelRow, t: CommandContext['t']): string {
  if (metrics?.accuracy !== undefined) {
    return t('tables.models.right', {
      right: Math.round(metrics.accuracy * 100),
      guess: Math.round(Number(metrics.baseline['accuracy'] ?? 0) * 100),
    });
  }
  if (metrics?.mae === undefined) return t('tables.models.unknown');
  return t('tables.models.off', {
    mae: metrics.mae,
    guess: Number(metrics.baseline['mae'] ?? 0),
  });
}

function lineOf({ _id, name, version, target, active }: ModelRow, t: CommandContext['t']): string {
  const label = target === '' ? name : target;
  return t('tables.models.line', {
    name: quote(name),
    version,
    target: quote(label),
    active: String(active),
    id: shortId(_id),
  });
}
