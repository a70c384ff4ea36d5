import type { Settings } from '../../config/settings.js';
import type { Project } from '../../domain/principal.js';
import type { TopicQueue } from './topics.js';

/** A PUB endpoint as it is to be made. */
export interface PubEndpoint {
  readonly name: string;
  readonly listen: string;
  /** The queues that it publishes; none: all. */
  readonly queues: readonly string[];
  /** Whose queues; undefined: those of every project. */
  readonly project: Project | undefined;
}

/** How the endpoint of all projects is called. */
export const SHARED_PUB = 'pub';

/** The PUB endpoints that the settings ask for. */
export function pubEndpoints({ pub, endpoints }: Settings['zmq']): readonly PubEndpoint[] {
  const own = endpoints
    .filter(({ role }) => role === 'pub')
    .map(({ domain, listen, queues, project }) => ({ name: domain, listen, queues, project }));
  return pub === '' ? own : [{ name: SHARED_PUB, listen: pub, queues: [], project: undefined }, ...own];
}

/** Whether an endpoint publishes a queue. */
export function publishes({ project, queues }: PubEndpoint, of: TopicQueue): boolean {
  return (project === undefined || project === of.project) && (queues.length === 0 || queues.includes(of.queue));
}
