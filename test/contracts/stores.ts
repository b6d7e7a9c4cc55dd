import { afterAll, beforeAll, describe } from 'vitest';
import type { ServiceStore } from '../../src/contracts/stores.js';
import { ManualClock } from '../fakes/manual-clock.js';
import { conversationsContract } from './stores/conversations.js';
import { inboxContract } from './stores/inbox.js';
import { knowledgeContract } from './stores/knowledge.js';
import { lanesContract } from './stores/lanes.js';
import { serviceContract } from './stores/service.js';
import { smallStoresContract } from './stores/small-stores.js';
import { turnsContract } from './stores/turns.js';
import type { StoresUnderTest } from './stores/under-test.js';

/**
 * The contract of every implementation of the stores. `open` returns an empty store that uses the given
 * clock.
 */
export function storesContract(
  open: (
    clock: ManualClock,
  ) => Promise<{ readonly service: ServiceStore; readonly close: () => Promise<void> }>,
): void {
  describe('stores', () => {
    const clock = new ManualClock();
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    const stores: StoresUnderTest = {
      clock,
      get service() {
        if (opened === undefined) throw new Error('the store is not open yet');
        return opened.service;
      },
    };
    beforeAll(async () => {
      opened = await open(clock);
    });
    afterAll(async () => opened?.close());

    describe('inbox', () => inboxContract(stores));
    describe('turns', () => turnsContract(stores));
    describe('lanes', () => lanesContract(stores));
    describe('conversations and contacts', () => conversationsContract(stores));
    describe('knowledge', () => knowledgeContract(stores));
    describe('questions, keys and codes', () => smallStoresContract(stores));
    describe('service', () => serviceContract(stores));
  });
}
