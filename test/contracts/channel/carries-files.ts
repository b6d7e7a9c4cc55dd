import { expect, it } from 'vitest';
import { kindOf, type Bed } from './testbed.js';

/** Tests downloading of files that people send. */
export function carriesFiles<Config>(bed: Bed<Config>): void {
  const { signal } = new AbortController();

  it('downloads a file that a person sent', async (context) => {
    const { channel, account, putFile } = bed();
    if (!channel.files || !putFile) return context.skip();
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const loaded = await channel.files.download(await putFile(bytes), account, bytes.length, signal);
    expect(Buffer.compare(loaded, bytes)).toBe(0);
  });

  it('refuses a file larger than the given limit', async (context) => {
    const { channel, account, putFile } = bed();
    if (!channel.files || !putFile) return context.skip();
    const download = channel.files.download(await putFile(new Uint8Array(1_001)), account, 1_000, signal);
    expect(await download.then(() => 'loaded', kindOf)).toBe('rejected');
  });
}
