import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP link to a server that a test can break and repair. */
export class BreakableLink {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  /** `target`: the server's URL. */
  constructor(private readonly target: string) {}

  /** Of a MongoDB server, through this link. */
  get uri(): string {
    return `mongodb://${this.address}/?directConnection=true`;
  }

  /** Host and port of this link. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async mend(): Promise<void> {
    const server = createServer((near) => this.join(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async cut(): Promise<void> {
    const server = this.#server;
    const closed = new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve());
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  private join(near: Socket): void {
    const far = this.connectToTarget();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      socket.pipe(other);
    }
  }

  private connectToTarget(): Socket {
    const address = decodeURIComponent(/^\w+:\/\/(?:[^@/]*@)?([^/?]+)/.exec(this.target)?.[1] ?? '');
    if (address.startsWith('/')) return connect(address);
    const [host = '127.0.0.1', port = '27017'] = address.split(':');
    return connect(Number(port), host);
  }
}
