import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createGuardedFetch } from '../../../src/lib/net/guarded-fetch.js';

const request = { method: 'GET', signal: AbortSignal.timeout(5_000), maxBytes: 10 } as const;

it('reaches no private address, however it is written', async () => {
  const guarded = createGuardedFetch({ allow: [] });
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '[::]',
    '[::1]',
    '[::ffff:10.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    'localhost',
  ]) {
    await expect(guarded.check(new URL(`http://${host}/`)), host).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(guarded.fetch(new URL(`http://${host}/`), request), host).rejects.toMatchObject({
      kind: 'forbidden',
    });
  }
  await expect(guarded.check(new URL('https://93.184.215.14/'))).resolves.toBeUndefined();
  await expect(guarded.check(new URL('https://[2606:4700::1]/'))).resolves.toBeUndefined();
  await expect(guarded.fetch(new URL('file:///etc/passwd'), request)).rejects.toMatchObject({
    kind: 'forbidden',
  });
});

it('reaches what the operator allows by name, address or network, up to the size limit', async () => {
  const server = createServer((_, response) => response.end('a'.repeat(100_000)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const [entry, host] of [
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.0/8', '127.0.0.1'],
    ['localhost', 'localhost'],
  ] as const) {
    const guarded = createGuardedFetch({ allow: [entry] });
    const { status, body } = await guarded.fetch(new URL(`http://${host}:${port}/`), request);
    expect([entry, status, body.length]).toEqual([entry, 200, 10]);
  }
  server.closeAllConnections();
  server.close();
});
