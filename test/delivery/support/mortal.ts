import type { Channel } from '../../../src/contracts/channel.js';
import type { RoomStore, ServiceStore, TenantScope } from '../../../src/contracts/stores.js';

/**
 * A process that a test ends at a named point, as `kill -9` would: results of what it started never reach it,
 * and nothing it tries afterwards has an effect.
 */
export class Life {
  private dead = false;
  private end = (): void => undefined;
  readonly ended = new Promise<void>((resolve) => (this.end = resolve));

  constructor(private readonly point: string) {}

  /** A point that the process passes; it gets no further than the one it was given. */
  readonly at = (point: string): void => {
    if (point !== this.point) return;
    this.dead = true;
    this.end();
  };

  /**
   * Wraps a service so that its asynchronous methods are the points `before name.method` and `after
   * name.method`.
   */
  of<Service extends object>(name: string, service: Service): Service {
    return new Proxy(service, {
      get: (target, key) => {
        const member = Reflect.get(target, key) as unknown;
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          this.call(`${name}.${String(key)}`, () => Reflect.apply(member, target, args));
      },
    });
  }

  private call(name: string, run: () => unknown): unknown {
    this.at(`before ${name}`);
    if (this.dead) return NEVER;
    const result = run();
    if (!(result instanceof Promise)) return result;
    return result.then((value: unknown) => {
      this.at(`after ${name}`);
      return this.dead ? NEVER : value;
    });
  }

  scope(real: TenantScope): TenantScope {
    return {
      ...real,
      turns: this.of('turns', real.turns),
      inbox: this.of('inbox', real.inbox),
      conversations: this.of('conversations', real.conversations),
      contacts: this.of('contacts', real.contacts),
      store: <Store extends object>(definition: RoomStore<Store>) => this.of('store', real.store(definition)),
    };
  }

  service(real: ServiceStore): ServiceStore {
    const lanes = this.of('lanes', real.lanes);
    return new Proxy(this.of('service', real), {
      get: (target, key) => {
        if (key === 'lanes') return lanes;
        if (key !== 'scope') return Reflect.get(target, key) as unknown;
        return async (tenantId: string) => {
          const scope = await real.scope(tenantId);
          return scope && this.scope(scope);
        };
      },
    });
  }

  channel(real: Channel): Channel {
    return this.of('channel', real);
  }
}

const NEVER = new Promise<never>(() => undefined);
