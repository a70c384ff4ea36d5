import type { AuthStrategy, Identity } from '../../auth/index.js';
import type { Project } from '../../domain/principal.js';
import type { Settings } from '../../config/settings.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import { readBoundScope } from '../../tenancy/scope.js';
import { identityOf } from './gatekeeper.js';

/** A PULL endpoint as it is to be made. */
export interface PullEndpoint {
  readonly name: string;
  readonly listen: string;
  readonly queues: readonly string[];
  /** True: it takes posts of any project, and trusts what they name. */
  readonly isShared: boolean;
  readonly project: Project;
}

/** How the endpoint of all projects is called. */
const SHARED_NAME = 'pull';

/** The PULL endpoints that the settings ask for. */
export function pullEndpoints({ pull, endpoints }: Settings['zmq']): readonly PullEndpoint[] {
  const shared = { name: SHARED_NAME, listen: pull, queues: [], isShared: true, project: null };
  const own = endpoints
    .filter(({ role }) => role === 'pull')
    .map(({ domain, listen, queues, project }) => ({ name: domain, listen, queues, isShared: false, project }));
  return pull === '' ? own : [shared, ...own];
}

/**
 * Whose the posts of an endpoint are. Nothing tells which key sent a message, so an endpoint's project is that of all
 * who may connect to it.
 */
export function identityAt(
  { isShared, project }: PullEndpoint,
  auth: AuthStrategy,
  hasCurve: boolean,
): (metadata: CallMetadata) => Identity {
  if (isShared) return (metadata) => auth.identify(metadata);
  if (hasCurve) return (metadata) => identityOf({ project, rights: ['post'] }, metadata);
  return (metadata) => ({ ...auth.identify(metadata), scope: readBoundScope(metadata, project) });
}
