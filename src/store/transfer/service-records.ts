import { StoreError } from '../../contracts/stores.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { accountTable, keyCheckTable } from '../models/accounts.js';
import { apiKeyTable } from '../models/api-keys.js';
import { tenantTable } from '../models/tenants.js';
import type { Sealer } from '../seal.js';
import { archivedDocuments, verifyArchive } from './read-archive.js';

/** The service's own collections that a backup contains; secrets in them are encrypted or hashed. */
export const SERVICE_RECORDS: readonly string[] = [keyCheckTable, tenantTable, apiKeyTable, accountTable].map(
  ({ name }) => name,
);

export interface RestoredRecords {
  readonly keys: number;
  readonly accounts: number;
  /** Accounts that only the backup's master key can decrypt. */
  readonly unreadableAccounts: number;
}

/** Restores the missing API keys and channel accounts of one tenant. */
export async function restoreServiceRecords(
  file: string,
  tenantId: string,
  deps: { readonly database: Database; readonly sealer: Sealer },
): Promise<RestoredRecords> {
  const header = await verifyArchive(file);
  if (header.sapa !== 'service') throw new StoreError('corrupt', `${file} holds no records of the service`);
  const restored = { keys: 0, accounts: 0, unreadableAccounts: 0 };
  for await (const { collection, document } of archivedDocuments(file)) {
    if (document['tenantId'] !== tenantId) continue;
    if (collection === apiKeyTable.name) {
      restored.keys += await insertMissing(deps.database, collection, document);
    } else if (collection === accountTable.name) {
      if (keyIdOf(document['sealedConfig']) === deps.sealer.keyId) {
        restored.accounts += await insertMissing(deps.database, collection, document);
      } else restored.unreadableAccounts += 1;
    }
  }
  return restored;
}

async function insertMissing(database: Database, collection: string, document: object): Promise<number> {
  try {
    await database.native.collection(collection).insertOne({ ...document });
    return 1;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return 0;
  }
}

function keyIdOf(sealed: unknown): unknown {
  return typeof sealed === 'object' && sealed !== null && 'keyId' in sealed ? sealed.keyId : undefined;
}
