import type { OptionValues } from './options.js';
import type { CurveFiles, Settings, TlsFiles } from './settings.js';
import { parseZmqEndpoints } from './zmq-endpoints.js';

function tls(cert: string, key: string): TlsFiles | null {
  return cert === '' ? null : { cert, key };
}

function curve(secretKey: string, clientKeys: string): CurveFiles | null {
  return secretKey === '' ? null : { secretKey, clientKeys };
}

/** Endpoints that all projects share; their clients need the router, and keys cannot be told apart there. */
function sharedEndpoints(values: OptionValues): Pick<Settings['zmq'], 'pull' | 'push' | 'pub'> {
  if (values['zmq.router'] === '' || values['zmq.secretKey'] !== '') return { pull: '', push: '', pub: '' };
  return { pull: values['zmq.pull'], push: values['zmq.push'], pub: values['zmq.pub'] };
}

/** The settings that the options' values make. */
export function toSettings(values: OptionValues): Settings {
  return {
    storage: values.storage,
    grpc: {
      listen: values['grpc.listen'],
      gatewayListen: values['grpc.gatewayListen'],
      tls: tls(values['grpc.tls.cert'], values['grpc.tls.key']),
      maxConcurrentStreams: values['grpc.maxConcurrentStreams'],
      maxMessageBytes: values['grpc.maxMessageBytes'],
    },
    zmq: {
      router: values['zmq.router'],
      ...sharedEndpoints(values),
      endpoints: parseZmqEndpoints(values['zmq.endpoints']) ?? [],
      curve: curve(values['zmq.secretKey'], values['zmq.clientKeys']),
      maxMessageBytes: values['zmq.maxMessageBytes'],
      sessionTtl: values['zmq.sessionTtl'],
    },
    gateway: {
      listen: values['gateway.listen'],
      core: values['gateway.core'],
      tls: tls(values['gateway.tls.cert'], values['gateway.tls.key']),
      metricsListen: values['gateway.metrics.listen'],
      maxInFlight: values['gateway.maxInFlight'],
    },
    auth: { strategy: values['auth.strategy'], allowOpenListen: values['auth.allowOpenListen'] },
    commit: {
      maxSteps: values['commit.maxSteps'],
      maxBytes: values['commit.maxBytes'],
      maxConcurrent: values['commit.maxConcurrent'],
      maxWaitingSteps: values['commit.maxWaitingSteps'],
      maxWaitingBytes: values['commit.maxWaitingBytes'],
    },
    sqlite: {
      reserveBytes: values['sqlite.reserveBytes'],
      ballastBytes: values['sqlite.ballastBytes'],
      synchronous: values['sqlite.synchronous'],
    },
    mongodb: {
      maxPoolSize: values['mongodb.maxPoolSize'],
      timeoutMs: values['mongodb.timeoutMs'],
      connectTimeoutMs: values['mongodb.connectTimeoutMs'],
      serverSelectionTimeoutMs: values['mongodb.serverSelectionTimeoutMs'],
      waitQueueTimeoutMs: values['mongodb.waitQueueTimeoutMs'],
      heartbeatMs: values['mongodb.heartbeatMs'],
    },
    dedupWindow: values.dedupWindow,
    limits: {
      maxQueuesPerPage: values['limits.maxQueuesPerPage'],
      maxMessagesPerPage: values['limits.maxMessagesPerPage'],
      maxMessagesPerClaim: values['limits.maxMessagesPerClaim'],
      maxQueueMetadata: values['limits.maxQueueMetadata'],
      maxMessageSize: values['limits.maxMessageSize'],
      maxMessageTtl: values['limits.maxMessageTtl'],
      maxClaimTtl: values['limits.maxClaimTtl'],
      maxClaimGrace: values['limits.maxClaimGrace'],
      maxJsonDepth: values['limits.maxJsonDepth'],
    },
    log: { level: values['log.level'] },
    telemetry: {
      metricsListen: values['telemetry.metrics.listen'],
      metricsQueues: values['telemetry.metrics.queues'],
      otlpEndpoint: values['telemetry.traces.endpoint'],
      traceRatio: values['telemetry.traces.ratio'],
    },
  };
}
