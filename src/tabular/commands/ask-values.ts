import type { Button } from '../../contracts/channel.js';
import type { CommandContext, CommandReply } from '../../contracts/command.js';
import type { Locale } from '../../contracts/message.js';
import type { DatasetColumn } from '../../contracts/tabular.js';
import { quote } from '../../lib/text/excerpt.js';
import type { ColumnPlan } from '../features/column-plan.js';
import { tabularStore, type AskedRow, type ModelRow } from '../records/records.js';
import { numberText } from '../report/number-text.js';
import type { TabularNeeds } from './needs.js';
import { predictOne } from './predict-one.js';
import { readValues } from './read-values.js';
import { readAnswer } from './read-answer.js';

type Context = CommandContext<TabularNeeds>;

/** Nobody answers more questions; the other values are missing, which every model can handle. */
const MOST_QUESTIONS = 12;
const MOST_CHOICES = 6;
const CHOICES_PER_ROW = 2;
const LONGEST_CHOICE = 40;

/** Starts asking for the values of one row, the most important columns first. */
export async function startAsking(context: Context, model: ModelRow): Promise<CommandReply> {
  const { scope, conversation, now } = context;
  const weight = new Map(model.importance.map(({ column, share }) => [column, share]));
  const columns = [...model.columns]
    .sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0))
    .slice(0, MOST_QUESTIONS);
  const row: AskedRow = {
    _id: conversation.id,
    modelId: model._id,
    columns,
    values: columns.map(() => null),
    createdAt: now,
  };
  await scope.store(tabularStore).asked.put(row);
  return ask(context, row, model);
}

/**
 * Handles a reply to the last question: a value, several as `key=value`, or a word to skip, finish or stop.
 */
export async function takeAnswer(context: Context, text: string): Promise<CommandReply> {
  return goOn(context, async (row, model) => {
    const place = row.values.indexOf(null);
    const { values } = readValues(text, row.columns);
    if (values.size > 0) {
      return row.values.map((value, at) => values.get(row.columns[at] ?? '') ?? value);
    }
    const plan = await planOf(context, model, row.columns[place] ?? '');
    const read = readAnswer(text, plan);
    switch (read.type) {
      case 'stop':
        return 'stop';
      case 'finish':
        return 'finish';
      case 'skip':
        return replaced(row, place, '');
      case 'value':
        return replaced(row, place, read.value);
      case 'unreadable':
        return { problem: context.t('tables.ask.unreadable', { text: quote(text, 40), kind: read.kind }) };
      default:
        return read satisfies never;
    }
  });
}

/** A button of a question. `round` tells the questions of one prediction from those of others in the chat. */
export interface PickedAnswer {
  readonly round: number;
  readonly question: number;
  /** `undefined` for the button to skip. */
  readonly choice: number | undefined;
}

/** Handles a button of a question; one of an earlier question of this round changes the answer to that. */
export async function pickAnswer(
  context: Context,
  { round, question, choice }: PickedAnswer,
): Promise<CommandReply> {
  return goOn(context, async (row, model) => {
    if (round !== roundOf(row)) return { problem: context.t('tables.ask.otherRound') };
    const column = row.columns[question];
    if (column === undefined) return row.values;
    if (choice === undefined) return replaced(row, question, '');
    const picked = choicesOf(await planOf(context, model, column), context)[choice];
    return picked === undefined ? row.values : replaced(row, question, picked.value);
  });
}

export async function finishAsking(context: Context, round: number): Promise<CommandReply> {
  const otherRound = { problem: context.t('tables.ask.otherRound') };
  return goOn(context, (row) => Promise.resolve(round === roundOf(row) ? 'finish' : otherRound));
}

function roundOf({ createdAt }: AskedRow): number {
  return createdAt.getTime();
}

type Step = readonly (string | null)[] | 'stop' | 'finish' | { readonly problem: string };

async function goOn(
  context: Context,
  step: (row: AskedRow, model: ModelRow) => Promise<Step>,
): Promise<CommandReply> {
  const { scope, conversation, services, t } = context;
  const { asked } = scope.store(tabularStore);
  const row = await asked.get(conversation.id);
  if (row === undefined) return { text: t('tables.ask.over') };
  const model = await services.tabular.model(scope, row.modelId);
  const result = await step(row, model);
  if (result === 'stop') {
    await asked.remove(row._id);
    return { text: t('tables.ask.stopped') };
  }
  if (result !== 'finish' && 'problem' in result) {
    if (!row.values.includes(null)) return { text: t('tables.ask.over') };
    const again = await ask(context, row, model);
    return { ...again, text: `${result.problem}\n\n${again.text}` };
  }
  const next = result === 'finish' ? row : { ...row, values: result };
  if (result === 'finish' || !next.values.includes(null)) return predict(context, next, model);
  await asked.put(next);
  return ask(context, next, model);
}

/** The row stays stored, so that a button of a question can still correct it. */
async function predict(context: Context, row: AskedRow, model: ModelRow): Promise<CommandReply> {
  await context.scope
    .store(tabularStore)
    .asked.put({ ...row, values: row.values.map((value) => value ?? '') });
  const values = new Map(
    row.columns.flatMap((column, at) => {
      const value = row.values[at] ?? '';
      return value === '' ? [] : [[column, value] as const];
    }),
  );
  return predictOne(context, model, values);
}

function replaced(row: AskedRow, place: number, value: string): (string | null)[] {
  return row.values.map((current, at) => (at === place ? value : current));
}

async function ask(context: Context, row: AskedRow, model: ModelRow): Promise<CommandReply> {
  const { t, scope, locale } = context;
  const round = roundOf(row);
  const place = row.values.indexOf(null);
  const column = row.columns[place] ?? '';
  const plan = await planOf(context, model, column);
  const choices = choicesOf(plan, context);
  const dataset =
    model.datasetId === undefined ? undefined : await scope.store(tabularStore).datasets.get(model.datasetId);
  const columnInfo = dataset?.columns.find(({ name }) => name === column);
  const text = t('tables.ask.question', {
    column: quote(column),
    number: place + 1,
    total: row.columns.length,
    kind: plan?.type ?? 'other',
    hint: hintOf(columnInfo, locale) ?? 'none',
  });
  const picks = choices.map(({ label }, choice): Button => ({
    label,
    action: `/predict pick ${round} ${place} ${choice}`,
  }));
  return {
    text: place === 0 ? `${t('tables.ask.begin', { name: quote(model.name) })}\n\n${text}` : text,
    buttons: [
      ...inRows(picks),
      [
        { label: t('tables.button.skip'), action: `/predict pick ${round} ${place}` },
        { label: t('tables.button.now'), action: `/predict now ${round}` },
      ],
    ],
    asks: '/predict answer',
  };
}

async function planOf(
  { scope, services }: Context,
  model: ModelRow,
  column: string,
): Promise<ColumnPlan | undefined> {
  const plans = await services.tabular.plans(scope, model);
  return plans.find((plan) => plan.column === column);
}

interface AnswerChoice {
  readonly label: string;
  readonly value: string;
}

/** The most frequent values of a category, or yes and no; other columns offer no choices. */
function choicesOf(plan: ColumnPlan | undefined, { t }: Context): readonly AnswerChoice[] {
  if (plan?.type === 'boolean') {
    return [
      { label: t('tables.ask.yes'), value: 'yes' },
      { label: t('tables.ask.no'), value: 'no' },
    ];
  }
  if (plan?.type !== 'category') return [];
  return plan.categories
    .filter((category) => category !== '')
    .slice(0, MOST_CHOICES)
    .map((value) => ({
      value,
      label: value.length <= LONGEST_CHOICE ? value : `${value.slice(0, LONGEST_CHOICE - 1)}…`,
    }));
}

function inRows(buttons: readonly Button[]): Button[][] {
  const rows = Math.ceil(buttons.length / CHOICES_PER_ROW);
  return Array.from({ length: rows }, (_, row) =>
    buttons.slice(row * CHOICES_PER_ROW, (row + 1) * CHOICES_PER_ROW),
  );
}

/** The range of a number or a date so far. */
function hintOf(column: DatasetColumn | undefined, locale: Locale): string | undefined {
  const { min, max } = column ?? {};
  if (min === undefined || max === undefined) return undefined;
  const format = (value: number | string): string =>
    typeof value === 'string' ? value.slice(0, 10) : numberText(value, locale);
  return `${format(min)} – ${format(max)}`;
}
