import type { Settings } from '../config/index.js';
import type { Logger } from '../contracts/runtime.js';
import { openEmbeddedStore } from '../store/embedded/index.js';
import type { App } from './compose.js';
import type { Extension } from './extension.js';

/**
 * The whole service, assembled but not yet running. Loading the code takes about as long as opening the
 * embedded store, so both happen at once.
 */
export async function loadApp(
  settings: Settings,
  logger: Logger,
  extensions: readonly Extension[] = [],
): Promise<App> {
  const opening =
    settings.MONGODB_URI === undefined
      ? openEmbeddedStore({
          dataDir: settings.DATA_DIR,
          logger,
          backupsKept: settings.STORE_BACKUPS,
          memoryMegabytes: settings.STORE_MEMORY_MB,
        })
      : undefined;
  // Awaited by `compose`, which can report a failure.
  opening?.catch(() => undefined);
  try {
    const { compose } = await import('./compose.js');
    return await compose(settings, logger, opening, extensions);
  } catch (error) {
    const embedded = await opening?.catch(() => undefined);
    await embedded?.close();
    throw error;
  }
}
