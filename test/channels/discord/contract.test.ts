import { channelContract } from '../../contracts/channel.js';
import { discordTestbed } from './testbed.js';

channelContract('discord', discordTestbed);
