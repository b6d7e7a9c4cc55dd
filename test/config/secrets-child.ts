// Run from dist/ as a child process: loads the keys of a folder and prints them.
import { loadSecrets, loadSettings } from '../../src/config/index.js';

const settings = loadSettings({ DATA_DIR: process.argv[2] }, '/dev/null');
const { masterKey, signingKey } = await loadSecrets(settings);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
process.stdout.write(JSON.stringify([hex(masterKey), hex(signingKey)]));
