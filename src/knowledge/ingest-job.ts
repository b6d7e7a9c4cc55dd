import type { Outreach } from '../contracts/chat.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { KnowledgeService } from '../contracts/knowledge.js';
import { defineJob, handleJob, type Job } from '../contracts/queue.js';
import type { StoredDocument, TenantScope } from '../contracts/stores.js';
import { quote } from '../lib/text/excerpt.js';
import { shortId } from '../lib/ids/short-id.js';

export interface IngestData {
  readonly documentId: string;
  /** The conversation that is told how it was read. */
  readonly tell?: { readonly conversationId: string };
}

/** Reads an uploaded file and makes it searchable. */
export const ingestJob = defineJob<IngestData>('knowledge.ingest');

/** Enough to recognise the file and to see that its text was read correctly. */
const BEGINNING_CHARACTERS = 160;

export interface KnowledgeJobNeeds {
  readonly knowledge: KnowledgeService;
  readonly outreach: Outreach;
  readonly i18n: Pick<I18n, 'translator'>;
}

export function knowledgeJobs({ knowledge, ...needs }: KnowledgeJobNeeds): readonly Job[] {
  return [
    handleJob(ingestJob, {
      async run(scope, data, { signal }) {
        await knowledge.ingest(scope, data.documentId, signal);
        await tellHowItWasRead(scope, data, needs);
      },
      async givenUp(scope, data) {
        await knowledge.giveUpIngest(scope, data.documentId);
        await tellHowItWasRead(scope, data, needs);
      },
    }),
  ];
}

/** Tells the person who sent the file, once, how it was read, and lets them undo it. */
async function tellHowItWasRead(
  scope: TenantScope,
  { documentId, tell }: IngestData,
  { outreach, i18n }: Omit<KnowledgeJobNeeds, 'knowledge'>,
): Promise<void> {
  const document = tell && (await scope.documents.get(documentId));
  if (tell === undefined || document === undefined) return;
  const conversation = await scope.conversations.get(tell.conversationId);
  const locale = conversation?.locale ?? scope.settings.locale;
  const t = i18n.translator(locale);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: scope.settings.timezone });
  const isReady = document.status === 'ready';
  const text = isReady ? await readText(scope, document, day, t) : failedText(document, t);
  const undo = { label: t('button.undo'), action: `/kb undo ${shortId(documentId)}` };
  await outreach.say(
    scope,
    tell.conversationId,
    `knowledge:${documentId}:${document.status}`,
    { text, ...(isReady ? { buttons: [[undo]] } : {}) },
    'command',
  );
}

async function readText(
  scope: TenantScope,
  { id, title, kind, chunks, replaced }: StoredDocument,
  day: Intl.DateTimeFormat,
  t: Translate,
): Promise<string> {
  const [first] = await scope.documents.chunks(id);
  const read = t('knowledge.document.read', {
    title: quote(title),
    kind,
    chunks,
    beginning: quote(first?.text ?? '', BEGINNING_CHARACTERS),
  });
  if (replaced === undefined) return read;
  const { added, removed, createdAt } = replaced;
  return `${read}\n\n${t('knowledge.document.replaced', { added, removed, day: day.format(createdAt) })}`;
}

function failedText({ title, error }: StoredDocument, t: Translate): string {
  return t('knowledge.document.failed', {
    title: quote(title),
    code: (error?.code ?? '').replaceAll('-', '_'),
  });
}
