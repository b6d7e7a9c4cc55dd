import { SettingsError } from '../config/index.js';
import type { MessageKey, Translate } from '../contracts/i18n.js';
import { StoreError } from '../contracts/stores.js';

const FILE_REASONS: Readonly<Record<string, MessageKey>> = {
  ENOENT: 'cli.reason.missing',
  EACCES: 'cli.reason.forbidden',
  EPERM: 'cli.reason.forbidden',
  EROFS: 'cli.reason.forbidden',
  EISDIR: 'cli.reason.folder',
  ENOTDIR: 'cli.reason.noFolder',
  EEXIST: 'cli.reason.exists',
  ENOSPC: 'cli.reason.full',
};

/** Explains an error that the person can fix in a sentence instead of a system error code. */
export function failureText(error: unknown, t: Translate): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SettingsError) return error.message;
  if (error instanceof StoreError && error.kind === 'unavailable') return t('cli.databaseAway');
  const { code, path } = error as NodeJS.ErrnoException;
  const isKnownCode = code !== undefined && FILE_REASONS[code] !== undefined;
  return isKnownCode && path !== undefined
    ? t('cli.fileProblem', { path, reason: fileReason(error, t) })
    : error.message;
}

/** Why a file or a folder cannot be used. */
export function fileReason(error: unknown, t: Translate): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  const key = code === undefined ? undefined : FILE_REASONS[code];
  return key === undefined ? error.message : t(key);
}
