import { MarconiError } from '../../../errors/marconi-error.js';

/** What the URI may say: where the servers are and how they are reached, who we are. */
const ALLOWED = new Set(
  [
    ...['appName', 'authMechanism', 'authMechanismProperties', 'authSource', 'compressors', 'directConnection'],
    ...['loadBalanced', 'localThresholdMS', 'proxyHost', 'proxyPassword', 'proxyPort', 'proxyUsername'],
    ...['replicaSet', 'serverMonitoringMode', 'srvMaxHosts', 'srvServiceName', 'ssl', 'tls'],
    ...['tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames', 'tlsCAFile', 'tlsCRLFile'],
    ...['tlsCertificateKeyFile', 'tlsCertificateKeyFilePassword', 'tlsInsecure', 'zlibCompressionLevel'],
  ].map((name) => name.toLowerCase()),
);

/** What Marconi's promises rest on: the URI may repeat it and say nothing else. */
const FIXED = new Map([
  ['w', 'majority'],
  ['j', 'true'],
  ['journal', 'true'],
  ['readconcernlevel', 'majority'],
  ['readpreference', 'primary'],
  ['retrywrites', 'true'],
  ['retryreads', 'true'],
]);

/** What has an option of Marconi's own. */
const ELSEWHERE = new Map([
  ['maxpoolsize', 'mongodb.maxPoolSize'],
  ['timeoutms', 'mongodb.timeoutMs'],
  ['sockettimeoutms', 'mongodb.timeoutMs'],
  ['wtimeoutms', 'mongodb.timeoutMs'],
  ['connecttimeoutms', 'mongodb.connectTimeoutMs'],
  ['serverselectiontimeoutms', 'mongodb.serverSelectionTimeoutMs'],
  ['waitqueuetimeoutms', 'mongodb.waitQueueTimeoutMs'],
  ['heartbeatfrequencyms', 'mongodb.heartbeatMs'],
]);

/**
 * Throws STORAGE_UNAVAILABLE, naming every option of the URI that would weaken what Marconi promises, that Marconi has
 * an option of its own for, or that it does not know.
 */
export function refuseUriOptions(uri: string): void {
  const query = uri.slice(uri.indexOf('?') + 1);
  const given = uri.includes('?') ? [...new URLSearchParams(query)] : [];
  const problems = given.flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (problems.length === 0) return;
  throw new MarconiError('STORAGE_UNAVAILABLE', `The storage URI cannot be used: ${problems.join('; ')}.`);
}

function problemOf(name: string, value: string): string | null {
  const key = name.toLowerCase();
  const fixed = FIXED.get(key);
  if (fixed !== undefined) {
    return value.toLowerCase() === fixed
      ? null
      : `${name}=${value} weakens what Marconi promises: only ${fixed} will do`;
  }
  const option = ELSEWHERE.get(key);
  if (option !== undefined) return `${name} is set by the option ${option}`;
  return ALLOWED.has(key) ? null : `${name} is no option that Marconi knows`;
}
