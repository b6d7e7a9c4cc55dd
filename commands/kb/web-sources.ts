import { defineSubcommand, type CommandContext, type CommandReply } from '../../src/contracts/command.js';
import {
  DEEPEST,
  type KnowledgeSource,
  type KnowledgeSources,
} from '../../src/contracts/knowledge-sources.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { OutboundError } from '../../src/lib/net/guarded-fetch.js';
import { findById, shortId } from '../../src/lib/ids/short-id.js';

export interface NeedsSources {
  readonly sources: KnowledgeSources;
}

/** Not on the hour, and daily and weekly ones at night, when sites are less busy. */
const SCHEDULES = { hour: '37 * * * *', day: '37 3 * * *', week: '37 3 * * 1' } as const;

export const sourceOptions = {
  depth: { type: 'integer', min: 0, max: DEEPEST, description: 'knowledge.source.depth' },
  every: {
    type: 'choice',
    choices: [
      { value: 'hour', label: 'knowledge.source.everyHour', aliases: ['hourly', 'jam'] },
      { value: 'day', label: 'knowledge.source.everyDay', aliases: ['daily', 'hari'] },
      { value: 'week', label: 'knowledge.source.everyWeek', aliases: ['weekly', 'minggu'] },
    ],
    description: 'knowledge.source.every',
  },
} as const;

/** Adds the pages of a web address to the knowledge; reports the result in this chat when done. */
export async function addSource(
  { t, scope, conversation, services }: CommandContext<NeedsSources>,
  url: URL,
  {
    depth = 0,
    every,
  }: { readonly depth: number | undefined; readonly every: keyof typeof SCHEDULES | undefined },
): Promise<CommandReply> {
  try {
    await services.sources.check(url);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    return { text: t('knowledge.source.notPublic', { url: quote(url.href) }) };
  }
  const { source } = await services.sources.add(
    scope,
    { url: url.href, depth, ...(every === undefined ? {} : { schedule: SCHEDULES[every] }) },
    { conversationId: conversation.id },
  );
  const id = shortId(source.id);
  return {
    text: t('knowledge.source.added', { url: quote(source.url), depth, every: every ?? 'never', id }),
    buttons: [[{ label: t('button.undo'), action: `/kb remove ${id}` }]],
  };
}

/** Lists web addresses with their state. */
export const listSources = defineSubcommand({
  description: 'knowledge.source.list',
  options: {},
  async run(context: CommandContext<NeedsSources>) {
    const { t, scope, services } = context;
    const sources = await services.sources.list(scope);
    if (sources.length === 0) return { text: t('knowledge.source.none') };
    const lines = await Promise.all(sources.map((source) => sourceLine(context, source)));
    return { text: [t('knowledge.source.heading', { count: sources.length }), '', ...lines].join('\n') };
  },
});

/** Removes a web address with its documents and returns it; `undefined`: the id belongs to none. */
export async function removeSource(
  { scope, services }: CommandContext<NeedsSources>,
  id: string,
): Promise<string | undefined> {
  const source = findById(await services.sources.list(scope), id);
  return source !== undefined && (await services.sources.remove(scope, source.id)) ? source.url : undefined;
}

async function sourceLine(
  { t, scope, services, locale }: CommandContext<NeedsSources>,
  { id, url, status, problem, lastSyncedAt, createdAt }: KnowledgeSource,
): Promise<string> {
  const count = (await services.sources.pages(scope, id)).length;
  const time = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: scope.settings.timezone,
  }).format(lastSyncedAt ?? createdAt);
  const problemText =
    problem === undefined ? '' : ` (${t('knowledge.source.problem', { kind: problem.kind })})`;
  return `- ${quote(url)} · ${t('knowledge.source.state', { status, count, time })}${problemText} · \`${shortId(id)}\``;
}
