import { channelContract } from '../../contracts/channel.js';
import { telegramTestbed } from './testbed.js';

channelContract('telegram', () => telegramTestbed());
