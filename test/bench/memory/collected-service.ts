import '../../../src/main.js';

/** The service; whoever sends any message over IPC gets its memory after a garbage collection. */
process.on('message', () => {
  globalThis.gc?.();
  process.send?.('collected');
});
