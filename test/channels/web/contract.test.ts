import { channelContract } from '../../contracts/channel.js';
import { responseTestbed } from '../response-testbed.js';

channelContract('web', () => responseTestbed('web'));
