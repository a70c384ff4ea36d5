import { ClientKeys, type ClientKey } from '../../auth/curve/index.js';
import type { GrantedRight } from '../../auth/index.js';
import type { CurveFiles } from '../../config/settings.js';
import type { ZmqEndpoint, ZmqRole } from '../../config/zmq-endpoints.js';
import type { Logger } from '../../telemetry/log.js';
import { watchKeys } from './key-watch.js';
import { ROUTER_NAME } from './router.js';
import type { Admission } from './zap.js';

/** The right that connecting needs. */
const NEEDED: Readonly<Record<ZmqRole, GrantedRight>> = { pull: 'post', push: 'consume', pub: 'read' };

/** Who may connect where: a ZAP domain for each socket, over the files of client keys. */
export class Admissions {
  readonly domains = new Map<string, Admission>();
  /** The keys of `zmq.clientKeys`; null without CURVE. */
  readonly shared: ClientKeys | null;
  /** What is to be done when a file has changed, by the domain that reads it. */
  private readonly reactions = new Map<string, { readonly path: string; readonly run: () => Promise<void> }>();
  private readonly paths = new Map<string, string>();
  private readonly ends: (() => void)[] = [];

  /** Throws when a file cannot be used. */
  constructor(curve: CurveFiles | null, endpoints: readonly ZmqEndpoint[], log: Logger) {
    if (curve === null) {
      this.shared = null;
      return;
    }
    const files = new Map<string, ClientKeys>();
    const open = (path: string): ClientKeys => {
      const keys = files.get(path) ?? new ClientKeys(path);
      files.set(path, keys);
      return keys;
    };
    const shared = (this.shared = open(curve.clientKeys));
    this.domains.set(ROUTER_NAME, (key) => shared.find(key) !== undefined);
    for (const { domain, role, project, clientKeys } of endpoints) {
      const keys = clientKeys === '' ? shared : open(clientKeys);
      this.paths.set(domain, keys.path);
      this.domains.set(domain, (key) => isAdmitted(keys.find(key), project, NEEDED[role]));
    }
    for (const keys of files.values()) this.ends.push(watchKeys(keys, log, () => this.changed(keys.path)));
  }

  /** libzmq asks once for each connection: to put those out whose key was taken away, all have to ask again. */
  onChange(domain: string, run: () => Promise<void>): void {
    const path = this.paths.get(domain);
    if (path !== undefined) this.reactions.set(domain, { path, run });
  }

  stop(): void {
    for (const end of this.ends) end();
  }

  private async changed(path: string): Promise<void> {
    const due = [...this.reactions.values()].filter((reaction) => reaction.path === path);
    await Promise.all(due.map(({ run }) => run()));
  }
}

const isAdmitted = (key: ClientKey | undefined, project: ClientKey['project'], right: GrantedRight): boolean =>
  key !== undefined && key.project === project && key.rights.includes(right);
