import { combines } from './mongo-compat/combinations.js';
import { searches } from './mongo-compat/search.js';
import { stages } from './mongo-compat/stages.js';
import { honours } from './mongo-compat/options.js';
import { projects } from './mongo-compat/projections.js';
import { refuses } from './mongo-compat/refusals.js';
import { changes } from './mongo-compat/updates.js';
import { filters } from './mongo-compat/filters.js';
import { followsChanges } from './mongo-compat/streams.js';
import { handlesEdges } from './mongo-compat/edges.js';
import { findsPlaces } from './mongo-compat/places.js';
import { joins } from './mongo-compat/joins.js';
import { keepsMoments } from './mongo-compat/moments.js';
import { transacts } from './mongo-compat/transactions.js';
import { evaluates } from './mongo-compat/expressions.js';
import { MongoClient, ObjectId, type Db } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe } from 'vitest';
import { administers } from './mongo-compat/administration.js';
import { reads } from './mongo-compat/reading.js';
import { clientWrites } from './mongo-compat/client-writes.js';
import { writes } from './mongo-compat/writing.js';
import { keepsIndexes } from './mongo-compat/indexes.js';
import { aggregates } from './mongo-compat/aggregation.js';
import { carriesApplications } from './mongo-compat/applications.js';
import { servesMongoose } from './mongo-compat/mongoose-models.js';
import { servesAgenda } from './mongo-compat/agenda-jobs.js';
import type { Items, Server } from './mongo-compat/server.js';

/**
 * What every server used by Sapa must do, tested through the real drivers. The official server passes the
 * same suite; `uri` returns the address once the tests start.
 */
export function mongoCompatSuite(name: string, uri: () => string, has: { readonly search: boolean }): void {
  describe(name, () => {
    let client: MongoClient;
    let db: Db;
    let items: Items;

    beforeAll(async () => {
      client = new MongoClient(uri(), { serverSelectionTimeoutMS: 10_000 });
      await client.connect();
      db = client.db(`compat_${new ObjectId().toHexString()}`);
      items = db.collection('items');
    });

    afterAll(async () => {
      await db.dropDatabase();
      await client.close();
    });

    beforeEach(async () => {
      // Dropped entirely, so that no test starts with indexes of another test.
      await items.drop();
      await items.insertMany([
        { _id: 1, a: 1, g: 'x', tags: ['p', 'q'], s: 'Hello' },
        { _id: 2, a: 2, g: 'x', tags: ['q'], s: 'world' },
        { _id: 3, a: 3, g: 'y', tags: [], n: { m: 5 } },
      ]);
    });

    const server: Server = () => ({ uri: uri(), client, db, items });
    administers(server);
    combines(server);
    reads(server);
    writes(server);
    clientWrites(server);
    keepsIndexes(server);
    evaluates(server);
    if (has.search) searches(server);
    stages(server);
    honours(server);
    filters(server);
    projects(server);
    changes(server);
    refuses(server);
    transacts(server);
    keepsMoments(server);
    followsChanges(server);
    joins(server);
    findsPlaces(server);
    handlesEdges(server);
    aggregates(server);
    carriesApplications(server);
    servesMongoose(server);
    servesAgenda(server);
  });
}
