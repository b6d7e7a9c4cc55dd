import { connect, createServer, type Socket } from 'node:net';
import { ENTRANCE } from './server/listen.js';
import { frameSilent } from './server/wire.js';

/** A loopback port that leads to the socket, for tools that cannot open sockets. */
export interface TcpEntrance {
  readonly port: number;
  close(): Promise<void>;
}

/** Throws if the port is taken. Port 0 means any free one. */
export async function openTcpEntrance(port: number, socketPath: string): Promise<TcpEntrance> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(socketPath);
    // A client that looks up the members of the set must find this port, not the socket.
    upstream.write(frameSilent({ [ENTRANCE]: `127.0.0.1:${client.localPort ?? port}`, $db: 'admin' }));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.on('error', () => undefined);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
