import { SettingsError } from '../config/index.js';
import { StoreError } from '../contracts/stores.js';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

export interface StartFailure {
  /** One line for the operator; several only if several settings are wrong. */
  readonly message: string;
  readonly exitCode: number;
}

/** What the operator sees when the service cannot start: the reason, never a stack trace. */
export function startFailure(error: unknown): StartFailure {
  if (error instanceof SettingsError) return { message: error.message, exitCode: EXIT_WRONG_USE };
  return { message: `Sapa could not start: ${reasonOf(error)}`, exitCode: EXIT_FAILED };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return `port ${port} of ${address} is in use; choose another with PORT (0 takes any free one)`;
  }
  if (error instanceof StoreError && error.kind === 'unavailable') {
    return 'the database does not answer; check that it is running and that MONGODB_URI is right';
  }
  return error.message.split('\n', 1)[0] ?? error.name;
}
