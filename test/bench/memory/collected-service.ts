import '../../../src/main.js';

/** The service; any message over IPC triggers a garbage collection, which is then confirmed. */
process.on('message', () => {
  globalThis.gc?.();
  process.send?.('collected');
});
