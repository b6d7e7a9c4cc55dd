import { storesContract } from '../contracts/stores.js';
import { openTestStore } from '../fakes/test-store.js';

storesContract((clock) => openTestStore({ clock }));
