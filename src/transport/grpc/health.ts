import { status, type Server, type ServerWritableStream } from '@grpc/grpc-js';
import {
  HealthCheckResponse_ServingStatus as Serving,
  HealthService,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
} from '../../gen/grpc/health/v1/health.js';
import { SERVICES } from '../dispatch.js';

type Watch = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/**
 * The standard health service: "" and each service of the contract, all alike. Written here because the library for it,
 * grpc-health-check, keeps an entry for each name that anybody ever watched.
 */
export class Health {
  private state = Serving.SERVING;
  private readonly watches = new Set<Watch>();
  private readonly names: ReadonlySet<string> = new Set(['', ...SERVICES]);

  register(server: Server): void {
    const serve: HealthServer = {
      check: (call, callback) => {
        if (this.names.has(call.request.service)) callback(null, { status: this.state });
        else callback({ code: status.NOT_FOUND, details: 'No such service.' });
      },
      list: (_call, callback) => {
        const statuses = Object.fromEntries([...this.names].map((name) => [name, { status: this.state }]));
        callback(null, { statuses });
      },
      watch: (call) => this.watch(call),
    };
    server.addService(HealthService, serve);
  }

  /** From now on NOT_SERVING; watchers are told, and their streams end so that they hold up no drain. */
  drain(): void {
    this.state = Serving.NOT_SERVING;
    for (const call of this.watches) {
      call.write({ status: this.state });
      call.end();
    }
    this.watches.clear();
  }

  private watch(call: Watch): void {
    const known = this.names.has(call.request.service);
    call.write({ status: known ? this.state : Serving.SERVICE_UNKNOWN });
    if (this.state === Serving.NOT_SERVING) {
      call.end();
      return;
    }
    this.watches.add(call);
    call.on('cancelled', () => this.watches.delete(call));
  }
}
