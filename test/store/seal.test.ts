import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/contracts/stores.js';
import { Sealer, type SealedSecret } from '../../src/store/seal.js';

const PLACE = { tenantId: 'demo', recordId: 'account-1', field: 'config' } as const;

function corrupted(action: () => unknown): StoreError {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'corrupt') return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('sealed secrets', () => {
  const sealer = new Sealer(randomBytes(32));

  it('open in the place where they were sealed, with any content', () => {
    for (const text of ['', 'token', 'é\u{1F600}', 'x'.repeat(100_000)]) {
      expect(sealer.open(sealer.seal(text, PLACE), PLACE)).toBe(text);
    }
  });

  it('are different each time and never contain the secret', () => {
    const [one, two] = [sealer.seal('123:secret-token', PLACE), sealer.seal('123:secret-token', PLACE)];
    expect(one.content).not.toBe(two.content);
    expect(one.wrappedKey).not.toBe(two.wrappedKey);
    expect(Buffer.from(one.content, 'base64').includes('secret')).toBe(false);
  });

  it('do not open for another tenant, record or field', () => {
    const sealed = sealer.seal('token', PLACE);
    const elsewhere = [
      { ...PLACE, tenantId: 'other' },
      { ...PLACE, recordId: 'account-2' },
      { ...PLACE, field: 'state' },
      { tenantId: 'demo","account-1', recordId: '', field: 'config' },
    ];
    for (const place of elsewhere) corrupted(() => sealer.open(sealed, place));
  });

  it('do not open with the wrapped key or content of another secret', () => {
    const [one, two] = [sealer.seal('one', PLACE), sealer.seal('two', PLACE)];
    corrupted(() => sealer.open({ ...one, content: two.content }, PLACE));
    corrupted(() => sealer.open({ ...one, wrappedKey: two.wrappedKey }, PLACE));
    corrupted(() => sealer.open({ ...one, content: one.wrappedKey }, PLACE));
  });

  it('do not open if a single bit was changed or bytes are missing', () => {
    const sealed = sealer.seal('token', PLACE);
    const bytes = Buffer.from(sealed.content, 'base64');
    for (let index = 0; index < bytes.length; index++) {
      const tamperedBytes = Buffer.from(bytes);
      tamperedBytes[index] = (tamperedBytes[index] ?? 0) ^ 1;
      const damaged: SealedSecret = { ...sealed, content: tamperedBytes.toString('base64') };
      expect(corrupted(() => sealer.open(damaged, PLACE)).message).toContain('config of account-1');
    }
    for (const content of ['', 'AAAA', bytes.subarray(0, 20).toString('base64')]) {
      corrupted(() => sealer.open({ ...sealed, content }, PLACE));
    }
  });

  it('report if another master key sealed them', () => {
    const sealed = sealer.seal('token', PLACE);
    const error = corrupted(() => new Sealer(randomBytes(32)).open(sealed, PLACE));
    expect(error.message).toContain('another master key');
    expect(error.message).not.toContain('token');
  });

  it('require a master key of 32 bytes', () => {
    for (const bytes of [0, 16, 31, 33]) expect(() => new Sealer(randomBytes(bytes))).toThrow(RangeError);
  });
});
