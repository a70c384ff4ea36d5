import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { formatListen, parseListen } from '../config/listen.js';

/** The metrics of a process, served as Prometheus text under `/metrics`. */
export interface MetricsServer {
  /** `HOST:PORT`; empty when none is served. */
  readonly address: string;
  stop(): Promise<void>;
}

/** A scraper needs one connection; more than a few are a mistake. */
const MAX_CONNECTIONS = 16;
/** Milliseconds for a scraper to send its request. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Sets the process's meter provider and serves it. Called once, before any instrument is made; without an address
 * instruments cost nothing. Rejects when the address cannot be listened on.
 */
export async function startMetrics(listen: string): Promise<MetricsServer> {
  const address = parseListen(listen);
  if (address?.kind !== 'tcp') return { address: '', stop: async () => undefined };
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  const server = await listening(scraped(exporter), address.host, address.port);
  const { port } = server.address() as AddressInfo;
  return {
    address: formatListen({ ...address, port }),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await provider.shutdown();
    },
  };
}

function scraped(exporter: PrometheusExporter): RequestListener {
  return (request, response) => {
    if (request.url?.split('?')[0] === '/metrics' && request.method === 'GET') {
      exporter.getMetricsRequestHandler(request, response);
    } else {
      response.writeHead(404).end();
    }
  };
}

function listening(handler: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, handler);
  server.maxConnections = MAX_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
