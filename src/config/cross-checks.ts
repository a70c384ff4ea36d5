import { isLocal, parseListen } from './listen.js';
import type { GivenOptions, OptionKey } from './options.js';
import { zmqChecks } from './zmq-checks.js';

/** Addresses that others may reach. */
const LISTENERS = ['grpc.listen', 'gateway.listen', 'gateway.metrics.listen', 'telemetry.metrics.listen'] as const;

/** Bytes of a post beside its bodies: names, ttls and framing. */
const POST_OVERHEAD_BYTES = 64 * 1024;

/** What no single option's schema can tell: each problem as a line naming the options. */
export function crossChecks(config: GivenOptions): readonly string[] {
  return [
    ...openListeners(config),
    ...halfTls(config, 'grpc.tls.cert', 'grpc.tls.key'),
    ...halfTls(config, 'gateway.tls.cert', 'gateway.tls.key'),
    ...postsThatDoNotFit(config, 'grpc.maxMessageBytes'),
    ...postsThatDoNotFit(config, 'zmq.maxMessageBytes'),
    ...zmqChecks(config),
  ];
}

/** Strategy `none` believes whoever connects, so only this machine may, unless the operator says otherwise. */
function openListeners({ values, origins }: GivenOptions): string[] {
  if (values['auth.allowOpenListen']) return [];
  return LISTENERS.filter((key) => values[key] !== '').flatMap((key) => {
    const address = parseListen(values[key]);
    if (address === null || isLocal(address)) return [];
    const why = `auth.strategy none trusts everyone who connects; set auth.allowOpenListen to true for a closed network`;
    return [`${key} (from ${origins[key]}): expected a loopback address, got ${values[key]}: ${why}`];
  });
}

function halfTls({ values, origins }: GivenOptions, cert: OptionKey, key: OptionKey): string[] {
  if ((values[cert] === '') === (values[key] === '')) return [];
  const [set, unset] = values[cert] === '' ? [key, cert] : [cert, key];
  return [`${unset}: expected a file name because ${set} is set (from ${origins[set]}), got nothing`];
}

function postsThatDoNotFit(
  { values, origins }: GivenOptions,
  key: 'grpc.maxMessageBytes' | 'zmq.maxMessageBytes',
): string[] {
  const least = values['limits.maxMessageSize'] + POST_OVERHEAD_BYTES;
  if (values[key] >= least) return [];
  return [
    `${key} (from ${origins[key]}): expected at least limits.maxMessageSize + 65536 = ${least}, got ${values[key]}`,
  ];
}
