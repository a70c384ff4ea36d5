import { keyPairText, type KeyPair } from '../../auth/curve/index.js';

/** Options of a socket that makes it a CURVE server, or none. */
export interface CurveServerOptions {
  readonly curveServer?: true;
  readonly curveSecretKey?: string;
  readonly zapDomain?: string;
  readonly zapEnforceDomain?: true;
}

/**
 * Makes a socket admit only keys that its ZAP domain does.
 * @param server null: no CURVE; whoever reaches the socket is let in
 */
export function curveServer(server: KeyPair | null, domain: string): CurveServerOptions {
  if (server === null) return {};
  const { secretKey } = keyPairText(server);
  // Enforced: without an answer of ZAP libzmq would otherwise let everybody in.
  return { curveServer: true, curveSecretKey: secretKey, zapDomain: domain, zapEnforceDomain: true };
}
