import { createRequire } from 'node:module';

/** What this file needs of the driver's own `Connection`. */
interface DriverConnection {
  readonly socket: { emit(event: 'drain'): boolean };
  cleanup(error: Error): void;
}

const require = createRequire(import.meta.url);
/** Marks the driver as mended, in whichever copy of this module it was done. */
const MENDED = Symbol.for('sapa.closed-connections');

/**
 * Makes the driver give up a command it was about to write when the server closed the connection.
 *
 * After the server's end of stream Node answers `socket.write` with false and, once the socket is
 * destroyed, tells no error any more. The driver (7.8 and 7.9, `Connection.writeCommand`) takes false
 * for a full buffer and waits for `drain`, which never comes: the command, or `MongoClient.close()`,
 * waits for ever and with it the conversation it belongs to. So every connection that is closed tells
 * `drain` once more; whoever waits looks at the connection again and finds its error.
 * @throws when the driver is not built as this expects.
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
    // Later than the write of a command that was begun before.
    setImmediate(() => this.socket.emit('drain'));
  };
  prototype[MENDED] = true;
}
