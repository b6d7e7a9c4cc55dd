import { AsyncResource } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction, SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys';

/** Name of the one lock under which sessions change. */
const TURN = 'signal';

export type SignalTurns = SignalRepositoryWithLIDStore & {
  /** Runs alone among all that changes sessions; what it changed is written when it resolves. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
};

/**
 * The library sends a message from within the transaction that advanced its keys, and writes them
 * afterwards: a process that ends in between uses a key twice, and the person cannot read the
 * second message. It also lets a message that arrives and one that leaves change the same session
 * at the same time. So each such step is a transaction of its own, outside the library's, one
 * after the other: keys are written before anything that they sealed can leave.
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
