import { z } from 'zod';

const bulkWrite = z.object({ nsInfo: z.array(z.object({ ns: z.string() })) });

/** A command of the database driver with the collections it is about, e.g. `bulkWrite lanes and inbox`. */
export function commandNameOf(commandName: string, command: Record<string, unknown>): string {
  const collections =
    commandName === 'bulkWrite'
      ? bulkWrite.parse(command).nsInfo.map(({ ns }) => ns.slice(ns.indexOf('.') + 1))
      : [String(command[commandName])];
  return `${commandName} ${collections.join(' and ')}`;
}
