import { expect, it } from 'vitest';
import type { Lane, LaneStore } from '../../../src/contracts/stores.js';
import { inboxEvent, newScope, unique, type StoresUnderTest } from './under-test.js';

const LEASE_MS = 30_000;

export function lanesContract(stores: StoresUnderTest): void {
  const now = (): Date => stores.clock.now();
  const lanes = (): LaneStore => stores.service.lanes;

  async function marked(dueAt = now()): Promise<{ tenantId: string; conversationId: string }> {
    const lane = { tenantId: 'lanes', conversationId: unique('c') };
    await lanes().mark(lane.tenantId, lane.conversationId, dueAt);
    return lane;
  }

  function claim(lane: { tenantId: string; conversationId: string }, owner = 'a'): Promise<Lane | undefined> {
    return lanes().claim(lane.tenantId, lane.conversationId, owner, LEASE_MS);
  }

  async function claimed(lane: { tenantId: string; conversationId: string }, owner = 'a'): Promise<Lane> {
    const lease = await claim(lane, owner);
    if (lease === undefined) throw new Error('the lane was not free');
    return lease;
  }

  /** Claims and releases all due lanes, so that a test sees only its own. */
  async function dueLanes(owner: string): Promise<Lane[]> {
    const dueNow: Lane[] = [];
    for (let lane; (lane = await lanes().claimDue(owner, LEASE_MS)) !== undefined;) dueNow.push(lane);
    for (const lane of dueNow) await lanes().release(lane);
    return dueNow;
  }

  it('gives a lane to one of many owners who claim it at once', async () => {
    const lane = await marked();
    const owners = Array.from({ length: 20 }, (_, n) => `owner-${n}`);
    const results = await Promise.all(owners.map((owner) => claim(lane, owner)));
    expect(results.filter((result) => result !== undefined)).toHaveLength(1);
  });

  it('opens a lane for one of many owners at once, and only while there is none', async () => {
    const conversationId = unique('c');
    const owners = Array.from({ length: 20 }, (_, n) => `owner-${n}`);
    const open = (owner: string): Promise<Lane | undefined> =>
      lanes().open('lanes', conversationId, owner, LEASE_MS);
    const opened = (await Promise.all(owners.map(open))).filter((lane) => lane !== undefined);
    expect(opened).toHaveLength(1);
    expect(await claim({ tenantId: 'lanes', conversationId })).toBeUndefined();
    for (const lane of opened) {
      expect(await lanes().renew(lane, LEASE_MS)).toBe(true);
      await lanes().release(lane);
    }
    const again = await open('later');
    expect(again?.fence).toBeGreaterThan(opened[0]?.fence ?? Infinity);
    if (again !== undefined) await lanes().release(again);
  });

  it('keeps an opened lane that was marked meanwhile', async () => {
    const lane = { tenantId: 'lanes', conversationId: unique('c') };
    const opened = await lanes().open(lane.tenantId, lane.conversationId, 'a', LEASE_MS);
    await lanes().mark(lane.tenantId, lane.conversationId, now());
    if (opened !== undefined) await lanes().release(opened);
    await lanes().release(await claimed(lane, 'b'));
  });

  it('applies the last write before a lane is released, whether it is removed or kept', async () => {
    const { inbox, tenantId } = await newScope(stores);
    for (const rest of [{}, { nextDueAt: new Date(now().getTime() + LEASE_MS) }]) {
      const key = unique('a');
      await inbox.accept(inboxEvent(key));
      const open = async (id: string): Promise<Lane | undefined> => lanes().open(tenantId, id, 'a', LEASE_MS);
      const lane = await open(key);
      if (lane === undefined) throw new Error('a new lane was not free');
      await lanes().release(lane, { ...rest, lastWrite: inbox.prepareAnswered([key]) });
      expect((await inbox.get(key))?.status).toBe('answered');
      expect((await open(key)) === undefined).toBe('nextDueAt' in rest);
    }
  });

  it('releases no lane if its last write fails', async () => {
    const lane = await claimed(await marked());
    const lastWrite = { send: () => Promise.reject(new Error('no')) };
    await expect(lanes().release(lane, { lastWrite })).rejects.toThrow('no');
    expect(await lanes().renew(lane, LEASE_MS)).toBe(true);
    await lanes().release(lane);
  });

  it('gives each due lane to exactly one of two owners', async () => {
    await dueLanes('sweeper');
    const lanesMade = await Promise.all(Array.from({ length: 20 }, () => marked()));
    const take = async (owner: string): Promise<string[]> => {
      const mine: string[] = [];
      for (let lane; (lane = await lanes().claimDue(owner, LEASE_MS)) !== undefined;) {
        mine.push(lane.conversationId);
      }
      return mine;
    };
    const claimedIds = (await Promise.all([take('a'), take('b')])).flat();
    expect(claimedIds.sort()).toEqual(lanesMade.map((lane) => lane.conversationId).sort());
    await lanes().releaseOwner('a');
    await lanes().releaseOwner('b');
    await dueLanes('sweeper');
  });

  it('removes an empty lane, and claims none that does not exist', async () => {
    const lane = await marked();
    await lanes().release(await claimed(lane));
    expect(await claim(lane)).toBeUndefined();
  });

  it('makes a lane due no later than its earliest mark', async () => {
    await dueLanes('sweeper');
    const lane = await marked(new Date(now().getTime() + 5000));
    await lanes().mark(lane.tenantId, lane.conversationId, new Date(now().getTime() + 1000));
    await lanes().mark(lane.tenantId, lane.conversationId, new Date(now().getTime() + 9000));
    expect(await lanes().claimDue('a', LEASE_MS)).toBeUndefined();
    stores.clock.advance(1000);
    expect(await dueLanes('a')).toMatchObject([lane]);
  });

  it('claims a lane that is not due if it is asked for by name', async () => {
    const lane = await marked(new Date(now().getTime() + 60_000));
    expect(await claim(lane)).toMatchObject({ ...lane, owner: 'a' });
  });

  it('keeps a lane that was marked while it was held', async () => {
    await dueLanes('sweeper');
    const lane = await marked();
    const lease = await claimed(lane);
    await lanes().mark(lane.tenantId, lane.conversationId, now());
    expect(await lanes().claimDue('b', LEASE_MS)).toBeUndefined();
    await lanes().release(lease);
    expect(await dueLanes('b')).toMatchObject([lane]);
  });

  it('makes a lane due when its release says, or earlier if it was marked meanwhile', async () => {
    await dueLanes('sweeper');
    const quiet = await marked();
    const busy = await marked();
    const later = new Date(now().getTime() + 4000);
    const heldQuiet = await claimed(quiet);
    const heldBusy = await claimed(busy);
    await lanes().mark(busy.tenantId, busy.conversationId, new Date(now().getTime() + 1000));
    await lanes().release(heldQuiet, { nextDueAt: later });
    await lanes().release(heldBusy, { nextDueAt: later });
    expect(await lanes().claimDue('a', LEASE_MS)).toBeUndefined();
    stores.clock.advance(1000);
    expect(await dueLanes('a')).toMatchObject([busy]);
    stores.clock.advance(3000);
    expect(await dueLanes('a')).toMatchObject([quiet]);
  });

  it('gives a lane to the next owner after the lease, and tells the first that it lost it', async () => {
    const lane = await marked();
    const first = await claimed(lane, 'a');
    stores.clock.advance(LEASE_MS - 1);
    expect(await claim(lane, 'b')).toBeUndefined();
    expect(await lanes().renew(first, LEASE_MS)).toBe(true);
    stores.clock.advance(LEASE_MS - 1);
    expect(await claim(lane, 'b')).toBeUndefined();
    stores.clock.advance(1);
    const second = await claimed(lane, 'b');
    expect(second.fence).toBeGreaterThan(first.fence);
    expect(await lanes().renew(first, LEASE_MS)).toBe(false);
    await lanes().release(first);
    expect(await lanes().renew(second, LEASE_MS)).toBe(true);
    await lanes().release(second);
  });

  it('finds a lane of a dead owner through its lease alone', async () => {
    await dueLanes('sweeper');
    const lane = await marked();
    await claimed(lane, 'dead');
    expect(await lanes().claimDue('b', LEASE_MS)).toBeUndefined();
    stores.clock.advance(LEASE_MS);
    expect(await dueLanes('b')).toMatchObject([lane]);
  });

  it('never gives the same fence twice, even to a lane that was removed and created again', async () => {
    const lane = await marked();
    const fences: number[] = [];
    for (let round = 0; round < 5; round++) {
      const lease = await claimed(lane);
      fences.push(lease.fence);
      await lanes().release(lease);
      await lanes().mark(lane.tenantId, lane.conversationId, now());
    }
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
  });

  it('frees at once what a dead owner held', async () => {
    await dueLanes('sweeper');
    const dead = unique('dead');
    const lanesMade = [await marked(), await marked()];
    for (const lane of lanesMade) await claimed(lane, dead);
    expect(await lanes().owners()).toContain(dead);
    expect(await lanes().releaseOwner(dead)).toBe(2);
    expect(await lanes().owners()).not.toContain(dead);
    expect(await dueLanes('b')).toHaveLength(2);
  });

  it('gives the holder of a connection only the due lanes that need it', async () => {
    await dueLanes('sweeper');
    const connected = (): Promise<Lane | undefined> => lanes().claimConnected('a', LEASE_MS, ['shop']);
    await marked();
    const [mine, theirs] = [await marked(), await marked()];
    const later = new Date(now().getTime() + 1000);
    await lanes().release(await claimed(mine), { nextDueAt: later, needs: 'shop' });
    await lanes().release(await claimed(theirs), { nextDueAt: now(), needs: 'other' });
    expect(await connected()).toBeUndefined();
    stores.clock.advance(1000);
    const lane = await connected();
    expect(lane).toMatchObject(mine);
    expect(await connected()).toBeUndefined();
    if (lane !== undefined) await lanes().release(lane);
    await lanes().release(await claimed(theirs));
    await dueLanes('sweeper');
  });

  it('keeps lanes of two tenants with equal conversation ids apart', async () => {
    await lanes().mark('one', 'same', now());
    await lanes().mark('two', 'same', now());
    expect(await lanes().claim('one', 'same', 'a', LEASE_MS)).toMatchObject({ tenantId: 'one' });
    expect(await lanes().claim('two', 'same', 'a', LEASE_MS)).toMatchObject({ tenantId: 'two' });
  });

  it('marks a new lane from many callers at once', async () => {
    const lane = { tenantId: 'lanes', conversationId: unique('c') };
    await Promise.all(
      Array.from({ length: 20 }, () => lanes().mark(lane.tenantId, lane.conversationId, now())),
    );
    expect(await claim(lane)).toMatchObject(lane);
  });
}
