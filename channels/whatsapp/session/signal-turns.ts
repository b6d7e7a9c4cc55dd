import { AsyncResource } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction, SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys';

/** Name of the single lock under which sessions change. */
const TURN = 'signal';

export type SignalTurns = SignalRepositoryWithLIDStore & {
  /**
   * Runs `work` exclusively among everything that changes sessions; its changes are written when it resolves.
   */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
};

/**
 * The library sends a message from within the transaction that advanced its keys, and writes them afterwards:
 * if the process ends in between, a key is used twice and the person cannot read the second message. It also
 * lets an incoming and an outgoing message change the same session at the same time. So each of these steps
 * is a transaction of its own, outside the library's, one at a time: keys are written before anything
 * encrypted with them can be sent.
 */
export function alone(
  repository: SignalRepositoryWithLIDStore,
  keys: SignalKeyStoreWithTransaction,
): SignalTurns {
  const outside = new AsyncResource('whatsapp.signal');
  const inTurn: SignalTurns['inTurn'] = (work) => outside.runInAsyncScope(() => keys.transaction(work, TURN));
  return {
    ...repository,
    inTurn,
    encryptMessage: (options) => inTurn(() => repository.encryptMessage(options)),
    encryptGroupMessage: (options) => inTurn(() => repository.encryptGroupMessage(options)),
    getSenderKeyDistributionMessage: (options) =>
      inTurn(() => repository.getSenderKeyDistributionMessage(options)),
    processSenderKeyDistributionMessage: (options) =>
      inTurn(() => repository.processSenderKeyDistributionMessage(options)),
    injectE2ESession: (options) => inTurn(() => repository.injectE2ESession(options)),
    migrateSession: (from, to) => inTurn(() => repository.migrateSession(from, to)),
    deleteSession: (jids) => inTurn(() => repository.deleteSession(jids)),
  };
}
