import type { IncomingMessage, Server } from 'node:http';
import { constants, createDeflate, deflateSync } from 'node:zlib';
import { WebSocketServer, type WebSocket } from 'ws';
import type { FakeApp } from './fake-app.js';
import type { IdentifyData, Link, ResumeData } from './gateway.js';
import type { World } from './world.js';

const HEARTBEAT_MS = 41_250;
/** More messages than this in a minute close the connection. */
const SENDS_A_MINUTE = 120;

/** Serves gateway v10. */
export function serveGateway(server: Server, world: World): WebSocketServer {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket, request) => new Conversation(socket, request, world));
  return sockets;
}

/** One connection, from HELLO to its end. */
class Conversation implements Link {
  private app: FakeApp | undefined;
  private readonly pack: (text: string) => void;
  private packsAfterIdentify = false;
  private sends: number[] = [];
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private readonly heartbeatMs: number;

  constructor(
    private readonly socket: WebSocket,
    request: IncomingMessage,
    private readonly world: World,
  ) {
    this.heartbeatMs = world.options.heartbeatMs ?? HEARTBEAT_MS;
    const { searchParams } = new URL(request.url ?? '/', 'http://gateway');
    this.pack =
      searchParams.get('compress') === 'zlib-stream' ? this.streaming() : (text) => this.plain(text);
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      clearTimeout(this.heartbeatTimer);
      this.app?.gateway.detach(this, code);
    });
    if (searchParams.get('v') !== '10') this.close(4012, 'Invalid API version');
    else if (searchParams.get('encoding') !== 'json') this.close(4002, 'this fake knows only json');
    else this.greet();
  }

  send(payload: unknown): void {
    if (this.socket.readyState === this.socket.OPEN) this.pack(JSON.stringify(payload));
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  cut(): void {
    this.socket.terminate();
  }

  private greet(): void {
    this.socket.on('message', (data: Buffer) => this.hear(data));
    this.send({ op: 10, t: null, s: null, d: { heartbeat_interval: this.heartbeatMs, _trace: [] } });
    this.expectHeartbeat();
  }

  private plain(text: string): void {
    if (this.packsAfterIdentify) this.socket.send(deflateSync(text));
    else this.socket.send(text);
  }

  /** Compresses the whole connection as one zlib stream, flushed after each payload. */
  private streaming(): (text: string) => void {
    const deflate = createDeflate();
    let chunks: Buffer[] = [];
    deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
    return (text) => {
      deflate.write(text);
      deflate.flush(constants.Z_SYNC_FLUSH, () => {
        const whole = Buffer.concat(chunks);
        chunks = [];
        if (this.socket.readyState === this.socket.OPEN) this.socket.send(whole);
      });
    };
  }

  private expectHeartbeat(): void {
    clearTimeout(this.heartbeatTimer);
    this.heartbeatTimer = setTimeout(() => this.close(4009, 'Session timed out'), this.heartbeatMs * 2);
    this.heartbeatTimer.unref();
  }

  private hear(data: Buffer): void {
    let payload: { readonly op: number; readonly d: unknown };
    try {
      payload = JSON.parse(data.toString()) as typeof payload;
    } catch {
      return this.close(4002, 'Decode error');
    }
    const now = Date.now();
    this.sends = [...this.sends.filter((at) => now - at < 60_000), now];
    if (this.sends.length > SENDS_A_MINUTE) return this.close(4008, 'Rate limited');
    this.obey(payload.op, payload.d);
  }

  private obey(op: number, d: unknown): void {
    switch (op) {
      case 1:
        this.note(op, d);
        this.expectHeartbeat();
        if (this.app?.gateway.isDeaf !== true) this.send({ op: 11, t: null, s: null, d: null });
        return;
      case 2:
        return this.identify(d as IdentifyData);
      case 6:
        return this.resume(d as ResumeData);
      case 3:
      case 4:
      case 8:
        if (this.app === undefined) return this.close(4003, 'Not authenticated');
        return this.note(op, d);
      default:
        return this.close(4001, 'Unknown opcode');
    }
  }

  private identify(d: IdentifyData): void {
    if (this.app !== undefined) return this.close(4005, 'Already authenticated');
    const app = this.world.apps.get(d.token);
    if (app === undefined) return this.close(4004, 'Authentication failed.');
    app.journal.gateway.push({ op: 2, d, at: Date.now(), applicationId: app.id });
    const fault = app.faults.next('IDENTIFY', '/');
    if (fault !== undefined && 'status' in fault) return this.close(fault.status, 'by the script');
    this.packsAfterIdentify = d.compress === true;
    const session = app.gateway.identify(d, this);
    if (session === 'too soon') return this.send({ op: 9, t: null, s: null, d: false });
    if (typeof session === 'number') return this.close(session, REASONS[session] ?? '');
    this.app = app;
  }

  private resume(d: ResumeData): void {
    if (this.app !== undefined) return this.close(4005, 'Already authenticated');
    const app = this.world.apps.get(d.token);
    if (app === undefined) return this.close(4004, 'Authentication failed.');
    app.journal.gateway.push({ op: 6, d, at: Date.now(), applicationId: app.id });
    const session = app.gateway.resume(d, this);
    if (session === false) return this.send({ op: 9, t: null, s: null, d: false });
    if (typeof session === 'number') return this.close(session, REASONS[session] ?? '');
    this.app = app;
  }

  private note(op: number, d: unknown): void {
    this.app?.journal.gateway.push({ op, d, at: Date.now(), applicationId: this.app.id });
  }
}

const REASONS: Readonly<Record<number, string>> = {
  4004: 'Authentication failed.',
  4007: 'Invalid seq',
  4010: 'Invalid shard.',
  4013: 'Invalid intent(s).',
  4014: 'Disallowed intent(s).',
};
