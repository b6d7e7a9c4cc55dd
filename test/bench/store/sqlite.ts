import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

/** SQLite doing the same work in its own process, with a commit to disk for each write. */
export interface Sqlite {
  /** The median of `times` operations, in microseconds. */
  run(what: 'find' | 'insert' | 'change', times: number): Promise<number>;
  close(): void;
}

/** Python includes SQLite; Node does not before 22. */
const SCRIPT = `
import json, sqlite3, statistics, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("pragma journal_mode=wal")
db.execute("pragma synchronous=full")
db.execute("create table rows(id text primary key, key text unique, state text, at integer, body text, changes integer)")
db.execute("create index state_at on rows(state, at)")
count = int(sys.argv[2])
body = json.dumps({"text": "some words of a message " * 6})
row = lambda n: ("row %d" % n, "key row %d" % n, "new" if n % 5 == 0 else "done", n, body, 0)
db.execute("begin")
db.executemany("insert into rows values (?,?,?,?,?,?)", (row(n) for n in range(count)))
db.execute("commit")
n = 0
def find():
    json.loads(db.execute("select body from rows where key = ?", ("key row %d" % (n * 7919 % count),)).fetchone()[0])
def insert():
    db.execute("insert into rows values (?,?,?,?,?,?)", row(count + n))
def change():
    db.execute("update rows set changes = changes + 1 where id = ? returning body", ("row %d" % (n * 7919 % count),)).fetchone()
print("ready", flush=True)
for line in sys.stdin:
    what, times = line.split()
    took = []
    for _ in range(int(times)):
        n += 1
        started = time.perf_counter()
        globals()[what]()
        took.append((time.perf_counter() - started) * 1e6)
    print(statistics.median(took), flush=True)
`;

/** `undefined` if Python is not available. */
export async function startSqlite(folder: string, documents: number): Promise<Sqlite | undefined> {
  const args = ['-c', SCRIPT, join(folder, 'bench.sqlite'), String(documents)];
  const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exit = new Promise<undefined>((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const line = await Promise.race([lines.next(), exit]);
    return line?.done === false ? line.value : undefined;
  };
  if ((await next()) !== 'ready') return undefined;
  return {
    async run(what, times) {
      child.stdin.write(`${what} ${times}\n`);
      return Number(await next());
    },
    close: () => {
      child.stdin.end();
    },
  };
}
