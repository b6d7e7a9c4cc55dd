import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './engine.js';
import { isDoc } from '../bson/values.js';
import { FrameReader, frameReply, parseRequest, type Connection, type Request } from './wire.js';

const OWNER_ONLY = 0o600;

/** A client that does not close its side of the connection is cut off after this, in ms. */
const FAREWELL_MS = 500;

export interface Listener {
  /** Accepts no more connections and commands; running commands are still answered. */
  stop(): void;
  /** Ends the connections. Clients that are currently writing see an orderly end, not a broken pipe. */
  end(): Promise<void>;
}

/** Serves the engine on a Unix domain socket that only this user can open. */
export async function listen(engine: Engine, socketPath: string): Promise<Listener> {
  const sockets = new Set<Socket>();
  let isStopped = false;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      engine.disconnected();
    });
    serve(engine, socket, () => isStopped);
  });
  await rm(socketPath, { force: true });
  await listening(server, socketPath);
  await chmod(socketPath, OWNER_ONLY);
  let closed = Promise.resolve();
  return {
    stop() {
      isStopped = true;
      closed = new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
    async end() {
      for (const socket of sockets) socket.end();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, FAREWELL_MS);
      await closed;
      clearTimeout(cut);
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

/** First message of a TCP entrance: the address at which clients reach it. */
export const ENTRANCE = 'sapaEntrance';

/** Serves one client. Bytes that are not a MongoDB message end its connection and nothing else. */
function serve(engine: Engine, socket: Socket, isStopped: () => boolean): void {
  const reader = new FrameReader();
  const connection: Connection = {
    isGone: () => socket.destroyed,
    cut: () => {
      socket.destroy();
    },
  };
  // The socket closes itself after an error.
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    if (isStopped()) return;
    try {
      for (const frame of reader.push(chunk)) {
        const request = parseRequest(frame);
        if (!introduces(request, connection)) answer(engine, socket, { ...request, connection });
      }
    } catch {
      socket.destroy();
    }
  });
}

/** Takes the client's identity from a request. Returns whether the request had no other purpose. */
function introduces({ name, body }: Request, connection: Connection): boolean {
  if (name === ENTRANCE) {
    if (typeof body[ENTRANCE] === 'string') connection.address = body[ENTRANCE];
    return true;
  }
  const { client } = body;
  const application = isDoc(client) ? client.application : undefined;
  if (isDoc(application) && typeof application.name === 'string') connection.appName = application.name;
  return false;
}

function answer(engine: Engine, socket: Socket, request: Request): void {
  engine.execute(request, (reply) => {
    if (!request.isSilent && !socket.destroyed) socket.write(frameReply(request, reply, engine.replyTail()));
  });
}
