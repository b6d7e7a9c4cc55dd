import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { Permission } from '../../contracts/permissions.js';
import type { ApiKeyInfo, KeyHolder } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { apiKeyInfoOf, apiKeyTable, type ApiKeyRow } from '../models/api-keys.js';
import { optional } from '../optional.js';
import { sha256 } from '../seal.js';

const SECRET_BYTES = 32;
const KEY_FORMAT = /^sapa_[A-Za-z0-9_-]{43}$/;
/** `sapa_` and six characters: enough to recognise a key, too few to guess it. */
const PREFIX_LENGTH = 11;
const LAST_USED_EVERY_MS = 60_000;

/** API keys of tenants; only their hashes are stored. */
export class KeyStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly makeId: MakeId,
    private readonly logger: Logger,
  ) {}

  async create(
    tenantId: string,
    name: string,
    scopes?: readonly Permission[],
  ): Promise<{ readonly info: ApiKeyInfo; readonly key: string }> {
    const key = `sapa_${randomBytes(SECRET_BYTES).toString('base64url')}`;
    const row: ApiKeyRow = {
      _id: this.makeId('key'),
      tenantId: checkedText(tenantId),
      name: checkedText(name),
      prefix: key.slice(0, PREFIX_LENGTH),
      hash: sha256(key).toString('base64url'),
      ...optional('scopes', scopes),
      createdAt: this.clock.now(),
    };
    await this.database.rows(apiKeyTable).insertOne(row);
    return { info: apiKeyInfoOf(row), key };
  }

  /** Not cached, so that a revoked key is refused immediately in every process. */
  async holderOf(key: string): Promise<KeyHolder | undefined> {
    if (typeof key !== 'string' || !KEY_FORMAT.test(key)) return undefined;
    const hash = sha256(key);
    const row = await this.database.rows(apiKeyTable).findOne({ hash: hash.toString('base64url') });
    if (row === null || !timingSafeEqual(hash, Buffer.from(row.hash, 'base64url'))) return undefined;
    this.noteUse(row);
    return { tenantId: row.tenantId, keyId: row._id, ...optional('scopes', row.scopes) };
  }

  async list(tenantId: string): Promise<readonly ApiKeyInfo[]> {
    const rows = await this.database
      .model(apiKeyTable)
      .find({ tenantId: checkedText(tenantId) })
      .sort({ createdAt: 1, _id: 1 })
      .lean<ApiKeyRow[]>()
      .exec();
    return rows.map(apiKeyInfoOf);
  }

  async revoke(tenantId: string, keyId: string): Promise<boolean> {
    const filter = { _id: checkedText(keyId), tenantId: checkedText(tenantId) };
    return (await this.database.model(apiKeyTable).deleteOne(filter).exec()).deletedCount === 1;
  }

  async removeTenant(tenantId: string): Promise<void> {
    await this.database
      .model(apiKeyTable)
      .deleteMany({ tenantId: checkedText(tenantId) })
      .exec();
  }

  /** Not awaited; losing an update does no harm. */
  private noteUse(row: ApiKeyRow): void {
    const now = this.clock.now();
    if (row.lastUsedAt !== undefined && now.getTime() - row.lastUsedAt.getTime() < LAST_USED_EVERY_MS) return;
    this.database
      .rows(apiKeyTable)
      .updateOne({ _id: row._id }, { $max: { lastUsedAt: now } })
      .catch((error: unknown) => {
        this.logger.debug({ error, keyId: row._id }, 'last use of an API key was not stored');
      });
  }
}
