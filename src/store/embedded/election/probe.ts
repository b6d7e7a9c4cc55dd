import { connect, type Socket } from 'node:net';

/** A connection to the serving process; `undefined` if nobody is listening. */
export function probe(socketPath: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const fail = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      // A later error is followed by 'close', which the caller listens for.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}
