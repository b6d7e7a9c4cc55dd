import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The minimum that can stand between a client and a model: forwards bytes and keeps connections open. */
const target = process.argv[2];
if (target === undefined) throw new Error('give the address of the model');
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, outgoing) => {
  const forwarded = request(
    target,
    { method: incoming.method, agent, headers: incoming.headers },
    (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    },
  );
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
