import { randomInt } from 'node:crypto';
import mongoose from 'mongoose';
import type { CodeStore } from '../../contracts/stores.js';
import { checkedDate, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { codeTable } from '../models/small-tables.js';
import type { Sealer } from '../seal.js';

/** Without 0, O, 1, I and L: 31 characters, so a code has 39 bits. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 8;

export class MongoCodeStore implements CodeStore {
  constructor(
    private readonly database: Database,
    private readonly tenantId: string,
    private readonly sealer: Sealer,
  ) {}

  async create(purpose: 'claim-staff', expiresAt: Date): Promise<string> {
    const code = Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
    const row = { _id: this.hashOf(purpose, code), purpose, expiresAt: checkedDate(expiresAt) };
    await this.database.rows(codeTable).insertOne(row);
    return code;
  }

  async knows(purpose: 'claim-staff', code: string, now: Date): Promise<boolean> {
    return (
      (await this.database
        .model(codeTable)
        .countDocuments(this.unspent(purpose, code, now))
        .exec()) > 0
    );
  }

  /** Removing a code spends it: of two simultaneous attempts only one finds it. */
  async spend(purpose: 'claim-staff', code: string, now: Date): Promise<boolean> {
    const result = await this.database
      .model(codeTable)
      .deleteOne(this.unspent(purpose, code, now))
      .exec();
    return result.deletedCount === 1;
  }

  private unspent(purpose: 'claim-staff', code: string, now: Date) {
    const typed = checkedText(code)
      .toUpperCase()
      .replace(/[\s-]+/g, '');
    return {
      _id: this.hashOf(checkedText(purpose), typed),
      expiresAt: mongoose.trusted({ $gt: checkedDate(now) }),
    };
  }

  /** Keyed, because 39 bits could be recovered from a plain hash by trial. */
  private hashOf(purpose: string, code: string): string {
    return this.sealer
      .fingerprint('code', JSON.stringify([this.tenantId, purpose, code]))
      .toString('base64url');
  }
}
