import type { Settings } from '../../config/index.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Finding } from './finding.js';

export const STORE_FILE = 'store file';

/** Reads every page and record of the embedded store and reports damage; changes nothing. */
export async function checkStoreFile(settings: Settings, t: Translate): Promise<readonly Finding[]> {
  if (settings.MONGODB_URI !== undefined) return [];
  const check = STORE_FILE;
  const { examineStore, UnreadableStoreError } = await import('../../store/embedded/index.js');
  try {
    const report = await examineStore(settings.DATA_DIR);
    if (!report) return [];
    if (report.damage.length === 0) {
      return [{ check, state: 'ok', detail: t('cli.doctor.storeRead', { records: report.records }) }];
    }
    const advice: Finding = { check, state: 'broken', detail: t('cli.doctor.storeDamaged') };
    return [...report.damage.map((detail) => ({ check, state: 'broken', detail }) as const), advice];
  } catch (error) {
    if (error instanceof UnreadableStoreError) return [{ check, state: 'broken', detail: error.message }];
    throw error;
  }
}
