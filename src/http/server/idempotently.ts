import type { StoredResponse, TenantScope } from '../../contracts/stores.js';
import { HttpProblem, retryAfter } from '../../lib/api/problem.js';
import { openText, sealText } from './sealed-text.js';

/** A write whose process died can be retried after this, in ms. */
const LEASE_MS = 60_000;
const RETRY_MS = 1000;

export interface WriteIdentity {
  readonly key: string;
  /** Hash of method, path and body. */
  readonly requestHash: string;
  /** Set if the response contains a secret; it is then sealed with this. */
  readonly sealWith: Uint8Array | undefined;
}

export function keyConflict(): HttpProblem {
  return new HttpProblem(422, 'idempotency_conflict', 'This Idempotency-Key was used for another request.');
}

export function stillRunning(): HttpProblem {
  return new HttpProblem(409, 'in_progress', 'The first request with this Idempotency-Key is under way.', {
    headers: retryAfter(RETRY_MS),
  });
}

/**
 * Runs a write once per key. Repeats get the stored response; a failed write is forgotten, because it changed
 * nothing.
 */
export async function idempotently(
  scope: TenantScope,
  write: WriteIdentity,
  run: () => Promise<StoredResponse>,
): Promise<StoredResponse> {
  const claim = await scope.idempotency.begin(write.key, write.requestHash, LEASE_MS);
  switch (claim.type) {
    case 'done':
      return opened(claim.response, write);
    case 'conflict':
      throw keyConflict();
    case 'in-progress':
      throw stillRunning();
    case 'new':
      return runAndKeep(scope, write, run);
    default:
      return claim satisfies never;
  }
}

async function runAndKeep(
  scope: TenantScope,
  write: WriteIdentity,
  run: () => Promise<StoredResponse>,
): Promise<StoredResponse> {
  let response: StoredResponse;
  try {
    response = await run();
  } catch (error) {
    await scope.idempotency.abandon(write.key);
    throw error;
  }
  await scope.idempotency.finish(write.key, sealed(response, write));
  return response;
}

/** Stores the response of a write that created its tenant and so had no scope to claim a key in. */
export async function keepAnswer(
  scope: TenantScope,
  write: WriteIdentity,
  response: StoredResponse,
): Promise<void> {
  const claim = await scope.idempotency.begin(write.key, write.requestHash, LEASE_MS);
  if (claim.type === 'new') await scope.idempotency.finish(write.key, sealed(response, write));
}

function sealed(response: StoredResponse, write: WriteIdentity): StoredResponse {
  const { sealWith, requestHash } = write;
  return sealWith === undefined
    ? response
    : { ...response, body: sealText(sealWith, requestHash, response.body) };
}

function opened(response: StoredResponse, write: WriteIdentity): StoredResponse {
  const { sealWith, requestHash } = write;
  return sealWith === undefined
    ? response
    : { ...response, body: openText(sealWith, requestHash, response.body) };
}
