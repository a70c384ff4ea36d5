import type { Express } from 'express';
import type { CallOrigin } from '../core/client.js';
import { send } from '../http/answer.js';
import type { Readiness } from '../readiness.js';

/** The operator's probe asks for nobody. */
const nobody = (requestId: string): CallOrigin => ({
  project: null,
  clientId: null,
  requestId,
  abandoned: false,
  cancel: null,
  header: () => undefined,
});

/**
 * Probes for whoever runs the gateway, apart from the API and its header rules: `/livez` says that the process answers,
 * `/readyz` that it, the core and the storage can serve (503 otherwise, with what is wrong).
 */
export function addProbes(app: Express, readiness: Readiness): void {
  app.get('/livez', (_request, response) => send(response, { status: 200, body: 'ok\n', type: 'text/plain' }));
  app.get('/readyz', async (_request, response) => {
    const report = await readiness.look(nobody('readyz'));
    send(response, { status: report.ready ? 200 : 503, body: JSON.stringify(report) });
  });
}
