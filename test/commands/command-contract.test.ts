import { afterAll, beforeAll } from 'vitest';
import { commands } from '../../commands/index.js';
import { commandContract } from '../contracts/command.js';
import { i18n, openShop, write, type Shop } from './open-shop.js';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

for (const command of commands) {
  commandContract(command, () => ({
    i18n,
    async run({ name }, argumentText, locale) {
      return write(shop, await shop.person('ana'), `/${name} ${argumentText}`, { locale });
    },
  }));
}
