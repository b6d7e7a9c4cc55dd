import { basename } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import type { DocumentSummary } from '../contracts/knowledge.js';
import type { SearchMode } from '../contracts/retriever.js';
import { allItems, type StoredDocument, type TenantScope } from '../contracts/stores.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { webAddress } from '../lib/net/web-address.js';
import { addSource } from './kb-source.js';
import { readBytes } from './read-input.js';
import { table } from './table.js';

interface Options {
  readonly tenant: string;
  readonly title?: string;
  readonly text?: string;
  readonly id?: string;
  readonly topK?: string;
  readonly mode?: string;
  readonly depth?: string;
  readonly schedule?: string;
}

const READ_TIMEOUT_MS = 10 * 60_000;
const MODES: readonly SearchMode[] = ['hybrid', 'keyword', 'semantic'];
const SHOWN_CHARS = 160;

/** `kb add/list/remove/search/reindex`: the documents of a tenant. */
export function kbCommand(line: CommandLine): Command {
  const { t } = line;
  const kb = line.noun('kb', t('cli.kb'));

  kb.addCommand(
    line
      .tenantVerb('add', t('cli.kb.add'))
      .argument('[file]')
      .option('--title <title>', t('cli.option.title'))
      .option('--text <text>', t('cli.option.text'))
      .option('--id <id>', t('cli.option.documentId'))
      .option('--depth <n>', t('cli.option.depth'))
      .option('--schedule <cron>', t('cli.option.schedule'))
      .reports(async (file: string | undefined, options: Options) => {
        const url = webAddress(file ?? '');
        if (url !== undefined) return addSource(line, url, options);
        const document = await addDocument(line, file, options);
        const { id, title } = document;
        return { json: documentJson(document), text: t('command.kb.added', { id, title }) };
      }),
  );
  kb.addCommand(
    line.tenantVerb('list', t('cli.kb.list')).reports(async ({ tenant }: Options) => {
      const documents = await line.withTenant(tenant, (_app, scope) => allDocuments(scope));
      const rows = documents.map((each) => [each.id, each.status, each.kind, each.title]);
      return { json: { items: documents.map(documentJson) }, text: table(rows) };
    }),
  );
  kb.addCommand(
    line
      .tenantVerb('remove', t('cli.kb.remove'))
      .argument('<document-id>')
      .reports(async (id: string, { tenant }: Options) => {
        const remove = async ({ knowledge }: App, scope: TenantScope): Promise<string> => {
          const document = await scope.documents.get(id);
          if (!(await knowledge.remove(scope, id))) throw new CliError('failed', t('cli.kb.unknown', { id }));
          return document?.title ?? id;
        };
        const title = await line.changeTenant(tenant, 'kb.documents.remove', remove, () => id);
        return { json: { removed: id }, text: t('command.kb.removed', { title }) };
      }),
  );
  kb.addCommand(
    line
      .tenantVerb('search', t('cli.kb.search'))
      .argument('<question>')
      .option('--top-k <n>', t('cli.option.topK'), '5')
      .option('--mode <mode>', MODES.join(' | '), 'hybrid')
      .reports(async (query: string, { tenant, topK = '5', mode: wished }: Options) => {
        const mode = MODES.find((each) => each === wished);
        const count = Number(topK);
        if (mode === undefined || !Number.isInteger(count) || count < 1 || count > 50) {
          throw new CliError('wrong-use', t('cli.kb.wrongSearch', { modes: MODES.join(', ') }));
        }
        const { hits } = await line.withTenant(tenant, ({ knowledge }, scope) =>
          knowledge
            .retriever(scope)
            .search({ query, topK: count, mode }, AbortSignal.timeout(READ_TIMEOUT_MS)),
        );
        const items = hits.map(({ documentId, chunkId, title, text, score }) => ({
          document_id: documentId,
          chunk_id: chunkId,
          title,
          text,
          score,
        }));
        const rows = hits.map(({ score, documentId, title, text }) => [
          score.toFixed(3),
          documentId,
          `${title}: ${text.replace(/\s+/g, ' ').slice(0, SHOWN_CHARS)}`,
        ]);
        const text = hits.length === 0 ? t('command.kb.noHits') : table(rows);
        return { json: { hits: items }, text };
      }),
  );
  kb.addCommand(
    line.tenantVerb('reindex', t('cli.kb.reindex')).reports(async ({ tenant }: Options) => {
      const counts = await line.changeTenant(tenant, 'kb.reindex', reindexAll);
      return { json: counts, text: t('cli.kb.reindexed', { ...counts }) };
    }),
  );
  return kb;
}

async function addDocument(
  line: CommandLine,
  file: string | undefined,
  { tenant, title, text, id }: Options,
): Promise<DocumentSummary> {
  const { t } = line;
  if ((file === undefined) === (text === undefined) || (file === undefined && title === undefined)) {
    throw new CliError('wrong-use', t('cli.kb.fileOrText'));
  }
  if (file === undefined) {
    const document = { title: title ?? '', text: text ?? '', ...(id === undefined ? {} : { id }) };
    return line.changeTenant(
      tenant,
      'kb.upsert',
      async ({ knowledge }, scope) => (await knowledge.upsert(scope, document)).document,
      (result) => result.id,
    );
  }
  if (id !== undefined) throw new CliError('wrong-use', t('cli.kb.idOnlyForText'));
  const bytes = await readBytes(file, t);
  const fileName = file === '-' ? (title ?? 'stdin') : basename(file);
  const stored = await line.changeTenant(
    tenant,
    'kb.upload',
    async ({ knowledge }, scope) => {
      const upload = { fileName, bytes, ...(title === undefined ? {} : { title }) };
      const { document } = await knowledge.upload(scope, upload);
      // Processed here, because no service may be running; if one is, its job finds the work done.
      await knowledge.ingest(scope, document.id, AbortSignal.timeout(READ_TIMEOUT_MS));
      return scope.documents.get(document.id);
    },
    (document) => document?.id,
  );
  if (stored === undefined) throw new CliError('failed', t('command.problem.notFound'));
  if (stored.status === 'failed') {
    throw new CliError(
      'failed',
      t('cli.kb.failed', { title: stored.title, reason: stored.error?.detail ?? '' }),
    );
  }
  return stored;
}

async function reindexAll(
  { knowledge }: App,
  scope: TenantScope,
): Promise<{ readonly documents: number; readonly failed: number }> {
  let failed = 0;
  const documents = await allDocuments(scope);
  for (const { id } of documents) {
    const done = await knowledge.reindex(scope, id, AbortSignal.timeout(READ_TIMEOUT_MS));
    if (done?.status === 'failed') failed += 1;
  }
  return { documents: documents.length, failed };
}

function allDocuments({ documents }: TenantScope): Promise<readonly StoredDocument[]> {
  return allItems((page) => documents.list(page));
}

function documentJson({ id, title, kind, locale, status, chunks, revision, error }: DocumentSummary) {
  return {
    document_id: id,
    title,
    kind,
    locale: locale ?? null,
    status,
    chunks,
    revision,
    ...optionalError(error),
  };
}

function optionalError(error: DocumentSummary['error']): { error?: { code: string; detail: string } } {
  return error === undefined ? {} : { error };
}
