import type { CommandContext, CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import type { ModelRow } from '../records/records.js';
import type { ModelUses } from '../service/model-uses.js';
import type { TabularNeeds } from './needs.js';

/** `/models remove`: removes a version at once if nothing depends on it; otherwise says what does, and asks. */
export async function askToRemove(
  context: CommandContext<TabularNeeds>,
  model: ModelRow,
): Promise<CommandReply> {
  const { scope, services, t } = context;
  const uses = await services.tabular.uses(scope, model);
  if (!uses.isInUse && uses.fields.length === 0) return discard(context, model);
  const { version, name } = model;
  const question = t('tables.remove.ask', { name: quote(name), version, used: String(uses.isInUse) });
  return {
    text: [question, ...consequences(uses, model, t)].join('\n'),
    buttons: [
      [{ label: t('tables.button.remove', { version }), action: `/models discard ${shortId(model._id)}` }],
    ],
  };
}

/** `/models discard`: removes a version whatever depends on it, and says what has changed. */
export async function discard(
  { scope, services, t }: CommandContext<TabularNeeds>,
  { _id, name, version }: ModelRow,
): Promise<CommandReply> {
  const removed = await services.tabular.removeModel(scope, _id);
  if (removed === undefined) return { text: t('tables.notFound', { name: quote(name) }) };
  const { isInUse, successor, fields } = removed.uses;
  const lines = [t('tables.models.removed', { name: quote(name), version })];
  if (successor !== undefined) {
    lines.push(t('tables.models.activated', { name: quote(name), version: successor.version }));
  } else if (isInUse) lines.push(t('tables.remove.noneLeft', { name: quote(name) }));
  if (fields.length > 0) {
    const names = fields.map(({ field }) => quote(field)).join(', ');
    lines.push(t('tables.remove.ended', { fields: names }));
  }
  return { text: lines.join('\n') };
}

function consequences(
  { isInUse, successor, fields, answers, agents }: ModelUses,
  { name }: ModelRow,
  t: Translate,
): string[] {
  const next = successor?.version ?? 0;
  const lines = fields.map(({ field, hasRule }) =>
    t('tables.remove.field', { field: quote(field), rule: String(hasRule) }),
  );
  if (successor !== undefined) lines.unshift(t('tables.remove.next', { version: next }));
  else if (isInUse) lines.unshift(t('tables.remove.last', { name: quote(name) }));
  if (answers > 0) lines.push(t('tables.remove.answers', { count: answers, next }));
  if (agents.length > 0) {
    lines.push(t('tables.remove.agents', { agents: agents.map((agent) => quote(agent)).join(', '), next }));
  }
  return lines;
}
