import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './engine.js';
import { FrameReader, frameReply, parseRequest, type Request } from './wire.js';

const OWNER_ONLY = 0o600;

export interface Listener {
  close(): Promise<void>;
}

/** Serves the engine on a Unix domain socket that only this user can open. */
export async function listen(engine: Engine, socketPath: string): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(engine, socket);
  });
  await rm(socketPath, { force: true });
  await listening(server, socketPath);
  await chmod(socketPath, OWNER_ONLY);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listening(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: socketPath, backlog: 512 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** One client. Bytes that are no MongoDB message end its connection and nothing else. */
function serve(engine: Engine, socket: Socket): void {
  const reader = new FrameReader();
  // A connection that breaks is closed by the socket itself.
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    try {
      for (const frame of reader.push(chunk)) answer(engine, socket, parseRequest(frame));
    } catch {
      socket.destroy();
    }
  });
}

function answer(engine: Engine, socket: Socket, request: Request): void {
  engine.execute(request, (reply) => {
    if (!request.isSilent && !socket.destroyed) socket.write(frameReply(request, reply));
  });
}
