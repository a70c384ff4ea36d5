import {
  status,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { SERVICES } from '../dispatch.js';

type Serving = 'SERVING' | 'NOT_SERVING';

interface HealthRequest {
  readonly service: string;
}

interface HealthResponse {
  readonly status: Serving | 'SERVICE_UNKNOWN';
}

type Watch = ServerWritableStream<HealthRequest, HealthResponse>;

/**
 * The standard health service: "" and each service of the contract, all alike. Written here and not taken from
 * grpc-health-check, whose messages it uses: that one keeps an entry for each name that anybody ever watched.
 */
export class Health {
  private state: Serving = 'SERVING';
  private readonly watches = new Set<Watch>();
  private readonly names: ReadonlySet<string> = new Set(['', ...SERVICES]);

  register(server: Server): void {
    server.addService(service, {
      check: (call: ServerUnaryCall<HealthRequest, HealthResponse>, callback: sendUnaryData<HealthResponse>) => {
        if (this.names.has(call.request.service)) callback(null, { status: this.state });
        else callback({ code: status.NOT_FOUND, details: 'No such service.' });
      },
      list: (_call: unknown, callback: sendUnaryData<{ statuses: Record<string, HealthResponse> }>) => {
        const statuses = Object.fromEntries([...this.names].map((name) => [name, { status: this.state }]));
        callback(null, { statuses });
      },
      watch: (call: Watch) => this.watch(call),
    });
  }

  /** From now on NOT_SERVING; watchers are told, and their streams end so that they hold up no drain. */
  drain(): void {
    this.state = 'NOT_SERVING';
    for (const call of this.watches) {
      call.write({ status: this.state });
      call.end();
    }
    this.watches.clear();
  }

  private watch(call: Watch): void {
    const known = this.names.has(call.request.service);
    call.write({ status: known ? this.state : 'SERVICE_UNKNOWN' });
    if (this.state === 'NOT_SERVING') {
      call.end();
      return;
    }
    this.watches.add(call);
    call.on('cancelled', () => this.watches.delete(call));
  }
}
