export { silentLogger } from '../../fakes/silent-logger.js';
