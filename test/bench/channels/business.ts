import { expectSuccess, type HttpClient } from '../kit/http-call.js';
import type { Service } from '../kit/service.js';
import { eventually } from '../../support/wait.js';
import type { Line } from './lines.js';

export interface Account {
  readonly channel: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export const TENANT = 'bench';

interface State {
  readonly id: string;
  readonly state: string;
  readonly qr?: string;
}

/** Answers are sent without pauses, and incoming messages are not collected first. */
const SETTINGS = {
  name: 'Bench',
  locale: 'en',
  bursts: { quiet_ms: 0, max_wait_ms: 0 },
  bubbles: { max_chars: 300, max_count: 20, pause_ms: 0 },
};

/** Creates the business and connects it to all lines. */
export async function openBusiness(
  service: Service,
  client: HttpClient,
  lines: readonly Line[],
): Promise<void> {
  const headers = service.headers(TENANT);
  const settings = await fetch(`${service.url}/v1/tenants/${TENANT}/settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(SETTINGS),
  });
  expectSuccess({ status: settings.status, text: await settings.text() });
  const path = `${service.url}/v1/tenants/${TENANT}/channels`;
  for (const { account, connect } of lines) {
    const { id } = JSON.parse(
      expectSuccess(await client.post(path, JSON.stringify(account), headers)),
    ) as State;
    const state = async (): Promise<State> => {
      const { items } = (await (await fetch(path, { headers })).json()) as {
        readonly items: readonly State[];
      };
      return items.find((item) => item.id === id) ?? { id, state: 'unknown' };
    };
    await connect(state);
    await eventually(state, (current) => current.state === 'open', 60_000);
  }
}
