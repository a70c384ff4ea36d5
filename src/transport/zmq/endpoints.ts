import type { AuthStrategy, Identity } from '../../auth/index.js';
import type { Project } from '../../domain/principal.js';
import type { Settings } from '../../config/settings.js';
import { PUSH_CLAIM_SECONDS, type ZmqEndpoint, type ZmqRole } from '../../config/zmq-endpoints.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import { readBoundScope } from '../../tenancy/scope.js';
import { identityOf } from './gatekeeper.js';
import type { TopicQueue } from './topics.js';

/** An endpoint as it is to be made. */
export interface Endpoint extends Pick<ZmqEndpoint, 'listen' | 'queues' | 'ttl' | 'grace'> {
  /** How it is called in logs, metrics and requests. */
  readonly name: string;
  /** True: it serves any project, and trusts what clients name. */
  readonly isShared: boolean;
  readonly project: Project;
}

/** The endpoints of a role that the settings ask for. The one that all projects share has the role's name. */
export function endpointsOf(role: ZmqRole, zmq: Settings['zmq']): readonly Endpoint[] {
  const span = { ttl: PUSH_CLAIM_SECONDS, grace: PUSH_CLAIM_SECONDS };
  const shared = { ...span, name: role, listen: zmq[role], queues: [], isShared: true, project: null };
  const own = zmq.endpoints
    .filter((endpoint) => endpoint.role === role)
    .map(({ domain, ...endpoint }) => ({ ...endpoint, name: domain, isShared: false }));
  return zmq[role] === '' ? own : [shared, ...own];
}

/** Whether a PUB endpoint publishes a queue. */
export function publishes({ isShared, project, queues }: Endpoint, of: TopicQueue): boolean {
  return (isShared || project === of.project) && (queues.length === 0 || queues.includes(of.queue));
}

/**
 * Whose the posts of an endpoint are. Nothing tells which key sent a message, so an endpoint's project is that of all
 * who may connect to it.
 */
export function identityAt(
  { isShared, project }: Endpoint,
  auth: AuthStrategy,
  hasCurve: boolean,
): (metadata: CallMetadata) => Identity {
  if (isShared) return (metadata) => auth.identify(metadata);
  if (hasCurve) return (metadata) => identityOf({ project, rights: ['post'] }, metadata);
  return (metadata) => ({ ...auth.identify(metadata), scope: readBoundScope(metadata, project) });
}
