import { expect, it } from 'vitest';
import type { Bed } from './testbed.js';

/** Tests a channel's description of itself and its config schema. */
export function describesItself<Config>(bed: Bed<Config>): void {
  it('names itself and states its capabilities', () => {
    const { channel } = bed();
    expect(channel.name).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(channel.capabilities.textLimit).toBeGreaterThanOrEqual(100);
    expect(channel.files !== undefined).toBe(channel.capabilities.files);
  });

  it('accepts its own configuration and refuses an invalid one', () => {
    const { channel, account } = bed();
    expect(channel.configSchema.parse(account.config)).toEqual(account.config);
    for (const wrong of [null, 'token', 7, [], { unknown_setting: true }]) {
      expect(channel.configSchema.safeParse(wrong).success).toBe(false);
    }
  });
}
