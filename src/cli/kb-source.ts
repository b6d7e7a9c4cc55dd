import { DEEPEST } from '../contracts/knowledge-sources.js';
import { QueueError } from '../contracts/queue.js';
import { OutboundError } from '../lib/net/guarded-fetch.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';

const READ_TIMEOUT_MS = 20 * 60_000;

/**
 * Reads the web address in this process, because no service may be running; its schedule is stored for the
 * service.
 */
export async function addSource(
  line: CommandLine,
  url: URL,
  { tenant, depth = '0', schedule }: { tenant: string; depth?: string; schedule?: string },
): Promise<{ readonly json: { readonly source_id: string }; readonly text: string }> {
  const { t } = line;
  const wrongUse = (): CliError => new CliError('wrong-use', t('cli.kb.wrongSchedule', { deepest: DEEPEST }));
  if (!/^\d$/.test(depth) || Number(depth) > DEEPEST) throw wrongUse();
  return line.changeTenant(
    tenant,
    'kb.sources',
    async ({ sources }, scope) => {
      const read = async () => {
        await sources.check(url);
        const wish = { url: url.href, depth: Number(depth), ...(schedule === undefined ? {} : { schedule }) };
        const { source } = await sources.add(scope, wish);
        return sources.sync(scope, source.id, AbortSignal.timeout(READ_TIMEOUT_MS));
      };
      const source = await read().catch((error: unknown) => {
        if (error instanceof OutboundError) {
          throw new CliError('failed', t('cli.kb.notPublic', { url: url.href }));
        }
        throw error instanceof QueueError && error.kind === 'invalid-schedule' ? wrongUse() : error;
      });
      if (source === undefined) throw new CliError('failed', t('command.problem.notFound'));
      const pages = await sources.pages(scope, source.id);
      const { status, problem } = source;
      const reason = problem === undefined ? 'none' : t('knowledge.source.problem', { kind: problem.kind });
      const text = t('knowledge.source.read', { url: url.href, status, count: pages.length, reason });
      if (status === 'failed') throw new CliError('failed', text);
      const documents = pages.map((page) => ({ document_id: page.documentId, url: page.url }));
      return { json: { source_id: source.id, url: source.url, status, documents }, text };
    },
    ({ json }) => json.source_id,
  );
}
