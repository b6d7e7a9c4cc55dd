import type { JobHandlers } from '../contracts/queue.js';
import type { App } from './compose.js';

/** What each job does, in whichever process it runs. A job of a removed tenant is done. */
export function jobHandlers({ service, knowledge }: Pick<App, 'service' | 'knowledge'>): JobHandlers {
  return {
    'knowledge.ingest': async ({ tenantId, documentId }, signal) => {
      const scope = await service.scope(tenantId);
      if (scope !== undefined) await knowledge.ingest(scope, documentId, signal);
    },
  };
}
