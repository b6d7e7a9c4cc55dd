import { afterEach, beforeEach, describe } from 'vitest';
import { carriesFiles } from './channel/carries-files.js';
import { connects } from './channel/connects.js';
import { describesItself } from './channel/describes-itself.js';
import { receivesAnything } from './channel/receives-anything.js';
import { recovers } from './channel/recovers.js';
import { sends } from './channel/sends.js';
import type { ChannelTestbed } from './channel/testbed.js';

export type { ChannelTestbed } from './channel/testbed.js';

/** The contract of every channel; `open` creates the testbed for one test. */
export function channelContract<Config>(name: string, open: () => Promise<ChannelTestbed<Config>>): void {
  describe(`the ${name} channel`, () => {
    let bed: ChannelTestbed<Config>;
    beforeEach(async () => {
      bed = await open();
    });
    afterEach(() => bed.close());
    const bedNow = (): ChannelTestbed<Config> => bed;
    describesItself(bedNow);
    receivesAnything(bedNow);
    sends(bedNow);
    connects(bedNow);
    carriesFiles(bedNow);
    recovers(bedNow);
  });
}
