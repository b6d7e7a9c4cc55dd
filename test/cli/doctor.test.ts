import { expect, it } from 'vitest';
import { createDiscordChannel } from '../../channels/discord/index.js';
import { checkApp } from '../../src/cli/doctor/check-app.js';
import type { App } from '../../src/compose/compose.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { i18n } from '../commands/open-shop.js';
import { tokenFor } from '../fakes/discord/fake-app.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { LocalWaits } from '../../src/lib/work/local-waits.js';

const TOKEN = tokenFor('1100000000000000007');
const [BATIK, KOPI, TEH] = ['1200000000000000001', '1200000000000000002', '1200000000000000003'];

/** Which accounts of one bot, each in its guilds, the doctor finds broken. */
async function broken(...guildsOf: (readonly (string | undefined)[])[]) {
  const accounts = guildsOf.map((guilds, index) => ({
    id: `account${index}`,
    tenantId: 'shop',
    channel: 'discord',
    config: { token: TOKEN, guilds },
  }));
  const app = {
    service: { accounts: () => Promise.resolve(accounts), connectionStates: () => Promise.resolve([]) },
    channels: [
      createDiscordChannel({
        clock: systemClock,
        logger: silentLogger,
        fetch,
        waits: new LocalWaits(systemClock),
      }),
    ],
    settings: {},
    maintenance: { probe: () => Promise.resolve() },
    models: { problems: () => [], probe: () => Promise.resolve([]) },
    storeRole: 'embedded',
  } as unknown as App;
  const findings = await checkApp(app, i18n.translator('en'));
  return findings.filter(({ state }) => state === 'broken').map(({ check, detail }) => `${check} ${detail}`);
}

it('the doctor finds accounts that use one bot in the same place', async () => {
  const twins = ['channel account1 has the same token as account0; remove one of the two'];
  expect(await broken([BATIK, KOPI], [KOPI])).toEqual(twins);
  expect(await broken([KOPI, BATIK], [BATIK, KOPI])).toEqual(twins);
  expect(await broken([], [])).toEqual(twins);
});

it('the doctor accepts one bot for several businesses in separate places', async () => {
  expect(await broken([BATIK], [KOPI, TEH], [])).toEqual([]);
});
