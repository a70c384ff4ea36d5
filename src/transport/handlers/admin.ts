import type { Engine, StorageHealth } from '../../engine/api.js';
import { StorageState } from '../../gen/marconi/v1/admin.js';
import { encodeDurability } from '../encode.js';
import type { ServiceHandlers } from './handler.js';

const STATES: Readonly<Record<StorageHealth['state'], StorageState>> = {
  ok: StorageState.STORAGE_STATE_OK,
  full: StorageState.STORAGE_STATE_FULL,
  unavailable: StorageState.STORAGE_STATE_UNAVAILABLE,
};

export function adminHandlers(engine: Engine, version: string): ServiceHandlers<'AdminService'> {
  return {
    'marconi.v1.AdminService/GetStatus': async () => {
      const { driver, durability, health, draining } = await engine.status();
      const { state, detail } = health;
      return {
        version,
        uptime: { seconds: BigInt(Math.floor(process.uptime())), nanos: 0 },
        draining,
        storage: { driver, state: STATES[state], durability: encodeDurability(durability), detail },
      };
    },
  };
}
