import { toNumber } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import type { Command, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import { plainDoc } from './arguments.js';
import { isGenericField } from './command-fields.js';

/** The command's other fields are a filter on the operations listed. */
const currentOp: Command = (request, { operations }) => {
  refuseElsewhere(request);
  const [, ...fields] = Object.entries(request.body);
  const filter = Object.fromEntries(
    fields.filter(([name]) => !name.startsWith('$') && !isGenericField(name)),
  );
  return { inprog: operations.list(request).filter(compileFilter(plainDoc(filter))), ok: 1 };
};

const killOp: Command = (request, { operations }) => {
  refuseElsewhere(request);
  const id = toNumber(request.body.op);
  if (id === undefined)
    throw new MongoCommandError(40414, "BSON field 'killOp.op' is missing but a required field");
  operations.kill(id);
  return { info: 'attempting to kill op', ok: 1 };
};

function refuseElsewhere({ database, name }: Request): void {
  if (database !== 'admin')
    throw new MongoCommandError(13, `${name} may only be run against the admin database.`);
}

export const operationCommands: CommandTable = { currentOp, killOp };
