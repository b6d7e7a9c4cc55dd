import { OutboundError, type GuardedFetch } from '../net/guarded-fetch.js';
import { HttpProblem } from './problem.js';

/** Throws a 422 for the field `url` if we must not call the given address. */
export async function checkAddress(outbound: Pick<GuardedFetch, 'check'>, address: string): Promise<void> {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') throw refused('holds a name or a password');
  try {
    await outbound.check(url);
  } catch (error) {
    if (error instanceof OutboundError) throw refused('is not a public address');
    throw error;
  }
}

function refused(message: string): HttpProblem {
  return new HttpProblem(422, 'url_not_allowed', 'This address cannot be called.', {
    errors: [{ path: 'url', code: 'invalid', message }],
  });
}
