import type { Clock } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';
import { DEMO_TENANT_ID } from './seed-demo.js';

const LOOK_EVERY_MS = 50;
/** Reading the documents takes a second or two; on a busy machine we stop waiting after this. */
const PATIENCE_MS = 15_000;

/**
 * Waits until the documents of a newly created sample business are read, so that its first visitor gets
 * answers from all of them; limited in time, so that the startup does not hang.
 */
export async function waitForSample({
  service,
  clock,
  signal,
}: {
  readonly service: ServiceStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<void> {
  const scope = await service.scope(DEMO_TENANT_ID);
  const until = clock.monotonicMs() + PATIENCE_MS;
  while (scope !== undefined && clock.monotonicMs() < until && (await hasUnread(scope))) {
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

async function hasUnread(scope: TenantScope): Promise<boolean> {
  const { items } = await scope.documents.list({ limit: 200 });
  return items.some(({ status }) => status !== 'ready' && status !== 'failed');
}
