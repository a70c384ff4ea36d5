import { AdminServiceService, StorageState } from '../src/gen/marconi/v1/admin.js';
import { MarconiError } from '../src/errors/marconi-error.js';
import type { CallOrigin, CoreClient } from './core/client.js';

/** Whether the gateway can serve, and if not, why. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly draining: boolean;
  /** `OK`, `FULL`, `UNAVAILABLE`, or `UNREACHABLE` when the core does not answer. */
  readonly storage: string;
}

/** Tells readiness: this gateway takes work, the core answers and its storage can be read and written. */
export class Readiness {
  #draining = false;

  constructor(private readonly core: CoreClient) {}

  /** From now on not ready, so that balancers look elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Asks the core. A full storage is ready: taking and deleting works. Rejects only for a fault of ours. */
  async look(origin: CallOrigin): Promise<ReadinessReport> {
    try {
      const status = await this.core.call(AdminServiceService.getStatus, {}, origin);
      const state = status.storage?.state ?? StorageState.STORAGE_STATE_UNSPECIFIED;
      const reachable = state === StorageState.STORAGE_STATE_OK || state === StorageState.STORAGE_STATE_FULL;
      const draining = this.#draining || status.draining;
      return { ready: reachable && !draining, draining, storage: shorten(state) };
    } catch (error) {
      if (MarconiError.from(error).row.http !== 503) throw error;
      return { ready: false, draining: this.#draining, storage: 'UNREACHABLE' };
    }
  }
}

/** A state that this version does not know is none that it may rely on. */
const shorten = (state: StorageState): string => (StorageState[state] ?? 'UNAVAILABLE').replace('STORAGE_STATE_', '');
