import { createRequire } from 'node:module';

/** The parts of the driver's own `Connection` that this file uses. */
interface DriverConnection {
  readonly socket: { emit(event: 'drain'): boolean };
  cleanup(error: Error): void;
}

const require = createRequire(import.meta.url);
/** Marks the driver as patched, whichever copy of this module did it. */
const MENDED = Symbol.for('sapa.closed-connections');

/**
 * Makes the driver give up a command it was about to write when the server closed the connection.
 *
 * After the server has ended the stream, Node's `socket.write` returns false and, once the socket is
 * destroyed, emits no more errors. The driver (7.8 and 7.9, `Connection.writeCommand`) interprets false as a
 * full buffer and waits for a `drain` that never comes: the command, or `MongoClient.close()`, hangs forever,
 * and the conversation with it. So every closed connection emits `drain` once more; the waiting code then
 * checks the connection again and finds its error.
 * @throws if the driver is not built as expected here.
 */
export function mendWaitsOnClosedConnections(): void {
  const { prototype } = (
    require('mongodb/lib/cmap/connection.js') as {
      Connection: { prototype: DriverConnection & { [MENDED]?: true } };
    }
  ).Connection;
  if (prototype[MENDED]) return;
  const { cleanup } = prototype;
  if (typeof cleanup !== 'function') throw new Error('the MongoDB driver has no Connection.cleanup');
  prototype.cleanup = function (error) {
    cleanup.call(this, error);
    // After the write of a command that has already begun.
    setImmediate(() => this.socket.emit('drain'));
  };
  prototype[MENDED] = true;
}
