import type { GivenOptions, OptionKey } from './options.js';
import { isLocalZmqAddress, parseZmqEndpoints, type ZmqEndpoint } from './zmq-endpoints.js';

/** Addresses of endpoints that all projects share. */
const SHARED = ['zmq.pull', 'zmq.push', 'zmq.pub'] as const satisfies readonly OptionKey[];

type SharedKey = (typeof SHARED)[number];

/** What no single option of the ZeroMQ door can tell: each problem as a line naming the options. */
export function zmqChecks(config: GivenOptions): readonly string[] {
  const endpoints = parseZmqEndpoints(config.values['zmq.endpoints']) ?? [];
  return [
    ...halfCurve(config),
    ...openRouter(config),
    ...SHARED.flatMap((key) => openShared(config, key)),
    ...endpoints.flatMap((endpoint) => endpointChecks(config, endpoint)),
    ...repeated(config, endpoints),
    ...noRouter(config, endpoints),
  ];
}

const named = ({ origins }: GivenOptions, key: OptionKey): string => `${key} (from ${origins[key]})`;

function halfCurve(config: GivenOptions): string[] {
  const { 'zmq.secretKey': secret, 'zmq.clientKeys': clients } = config.values;
  if ((secret === '') === (clients === '')) return [];
  const [set, unset] =
    secret === '' ? (['zmq.clientKeys', 'zmq.secretKey'] as const) : (['zmq.secretKey', 'zmq.clientKeys'] as const);
  return [`${unset}: expected a file name because ${set} is set (from ${config.origins[set]}), got nothing`];
}

function openRouter(config: GivenOptions): string[] {
  const { 'zmq.router': router, 'zmq.secretKey': secret } = config.values;
  if (router === '' || secret !== '' || isLocalZmqAddress(router)) return [];
  return [
    `${named(config, 'zmq.router')}: expected a loopback or ipc address unless zmq.secretKey is set, got ${router}`,
  ];
}

/** It trusts the project that its clients name, and no key can be told from a message. */
function openShared(config: GivenOptions, key: SharedKey): string[] {
  const { values, origins } = config;
  const listen = values[key];
  if (listen === '') return [];
  const instead = 'an endpoint that others reach belongs to one project: zmq.endpoints';
  // What nobody asked for is off with CURVE.
  if (values['zmq.secretKey'] !== '' && origins[key] !== 'default') {
    const why = `zmq.secretKey is set (from ${origins['zmq.secretKey']}) and it serves whoever reaches it`;
    return [`${named(config, key)}: expected nothing, since ${why}: ${instead}`];
  }
  if (isLocalZmqAddress(listen)) return [];
  return [`${named(config, key)}: expected a loopback or ipc address, got ${listen}: ${instead}`];
}

function endpointChecks(config: GivenOptions, { listen, domain, clientKeys }: ZmqEndpoint): string[] {
  if (config.values['zmq.secretKey'] !== '') return [];
  const where = `${named(config, 'zmq.endpoints')}: ${domain}`;
  return [
    ...(isLocalZmqAddress(listen)
      ? []
      : [`${where}: expected a loopback or ipc address unless zmq.secretKey is set, got ${listen}`]),
    ...(clientKeys === '' ? [] : [`${where}: clientKeys is of no use unless zmq.secretKey is set`]),
  ];
}

function repeated(config: GivenOptions, endpoints: readonly ZmqEndpoint[]): string[] {
  const domains = endpoints.map(({ domain }) => domain);
  const twice = domains.find((domain, index) => domains.indexOf(domain) !== index);
  return twice === undefined ? [] : [`${named(config, 'zmq.endpoints')}: the domain ${twice} stands twice`];
}

/** Receipts, credit and topics go over the router. */
function noRouter(config: GivenOptions, endpoints: readonly ZmqEndpoint[]): string[] {
  const { values, origins } = config;
  if (values['zmq.router'] !== '') return [];
  // What nobody asked for is off with it.
  const useless: OptionKey[] = SHARED.filter((key) => values[key] !== '' && origins[key] !== 'default');
  if (endpoints.length > 0) useless.push('zmq.endpoints');
  return useless.map(
    (key) =>
      `${named(config, key)}: expected nothing, since its clients need zmq.router, which is off (from ${origins['zmq.router']})`,
  );
}
