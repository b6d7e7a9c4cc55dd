import mongoose from 'mongoose';

/** Returns the entire contents of the service's and the businesses' databases as text. */
export async function databaseText(connection: mongoose.Connection): Promise<string> {
  const client = connection.getClient();
  const { databases } = await client.db().admin().listDatabases();
  const texts: string[] = [];
  for (const { name } of databases.filter((each) => each.name.startsWith(connection.name))) {
    for (const { name: collection } of await client.db(name).listCollections().toArray()) {
      for await (const row of client.db(name).collection(collection).find()) {
        texts.push(`${collection} ${mongoose.mongo.BSON.EJSON.stringify(row)}`);
      }
    }
  }
  return texts.join('\n');
}
