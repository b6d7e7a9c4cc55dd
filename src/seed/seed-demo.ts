import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaqService, KnowledgeService } from '../contracts/knowledge.js';
import type { Locale } from '../contracts/message.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import { tenantSettingsSchema } from '../contracts/settings.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';
import { projectRoot } from '../lib/project-root.js';

export const DEMO_TENANT_ID = 'demo';

const FOLDER = join(projectRoot, 'src/seed/demo');
const SEED_KEY = 'seed:demo';
/** After this time, in ms, another process takes over from one that died while seeding. */
const LEASE_MS = 10_000;
const RETRY_MS = 500;

const PAGES: readonly { file: string; title: string; locale: Locale }[] = [
  { file: 'about.md', title: 'About Kawung Kopi & Batik', locale: 'en' },
  { file: 'tentang.md', title: 'Tentang Kawung Kopi & Batik', locale: 'id' },
  { file: 'returns-policy.md', title: 'Returns and exchanges', locale: 'en' },
  { file: 'kebijakan-retur.md', title: 'Kebijakan retur dan penukaran', locale: 'id' },
  { file: 'care-guide.md', title: 'Caring for batik and coffee', locale: 'en' },
  { file: 'panduan-perawatan.md', title: 'Panduan merawat batik dan kopi', locale: 'id' },
];

/** Read in the background, like a business's own uploads. */
const UPLOADS: readonly { file: string; title: string }[] = [
  { file: 'price-list.csv', title: 'Daftar harga / Price list' },
  { file: 'shipping-en.pdf', title: 'Shipping rates and delivery times' },
  { file: 'pengiriman-id.pdf', title: 'Ongkos dan waktu kirim' },
];

export interface SeedDemoOptions {
  readonly service: ServiceStore;
  readonly knowledge: Pick<KnowledgeService, 'upload' | 'upsert'>;
  readonly faq: FaqService;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Creates the sample business once: tenant, FAQ and documents. Continues an interrupted run, in whichever
 * process; once complete, nothing that the business changed or removed comes back. `false`: it was already
 * complete.
 */
export async function seedDemo(options: SeedDemoOptions): Promise<boolean> {
  const { service, clock, logger, signal } = options;
  const scope = await demoScope(service);
  for (;;) {
    const claim = await scope.idempotency.begin(SEED_KEY, SEED_KEY, LEASE_MS);
    if (claim.type === 'new') break;
    if (claim.type !== 'in-progress') return false;
    await clock.sleep(RETRY_MS, signal);
  }
  try {
    await seedFaq(scope, options);
    await seedDocuments(scope, options);
  } catch (error) {
    await scope.idempotency.abandon(SEED_KEY);
    throw error;
  }
  const done = { status: 200, contentType: 'text/plain', body: '' };
  await scope.idempotency.finish(SEED_KEY, done, { keep: 'forever' });
  logger.info({ tenantId: DEMO_TENANT_ID }, 'sample business seeded');
  return true;
}

/** Writes settings only for a new tenant, because an existing one may have changed them. */
async function demoScope(service: ServiceStore): Promise<TenantScope> {
  const existing = await service.scope(DEMO_TENANT_ID);
  if (existing) return existing;
  const settings = tenantSettingsSchema.parse(JSON.parse((await readSample('settings.json')).toString()));
  await service.putTenant(DEMO_TENANT_ID, settings);
  const scope = await service.scope(DEMO_TENANT_ID);
  if (!scope) throw new Error('the sample business was removed while it was made');
  return scope;
}

/** The import takes all rows or none, so any entry means that this step is done. */
async function seedFaq(scope: TenantScope, { faq }: SeedDemoOptions): Promise<void> {
  if ((await scope.faq.all()).length > 0) return;
  await faq.importCsv(scope, await readSample('faq.csv'), scope.settings.locale);
}

async function seedDocuments(scope: TenantScope, { knowledge }: SeedDemoOptions): Promise<void> {
  const { items } = await scope.documents.list({ limit: 200 });
  const present = new Set(items.map(({ metadata }) => metadata['sample']));
  for (const { file, title } of UPLOADS.filter(({ file }) => !present.has(file))) {
    await knowledge.upload(scope, {
      fileName: file,
      bytes: await readSample(file),
      title,
      metadata: { sample: file },
    });
  }
  for (const { file, title, locale } of PAGES.filter(({ file }) => !present.has(file))) {
    const text = (await readSample(file)).toString();
    const id = file.replace(/\.md$/, '');
    await knowledge.upsert(scope, { id, title, text, locale, metadata: { sample: file } });
  }
}

function readSample(file: string): Promise<Buffer> {
  return readFile(join(FOLDER, file));
}
