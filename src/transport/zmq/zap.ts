import { Reply, type Context } from 'zeromq';

/** Decides whether a key may connect. @param publicKey hexadecimal */
export type Admission = (publicKey: string) => boolean;

/** Where libzmq asks, in each context. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const KEY_BYTES = 32;

/** Who was refused where, and why. */
export interface ZapRefusal {
  readonly domain: string;
  readonly cause: 'unknown_key' | 'no_curve' | 'no_domain';
}

/** What is answered to one question of libzmq. */
export interface ZapDecision {
  readonly reply: readonly (string | Buffer)[];
  /** Null: admitted. */
  readonly refused: ZapRefusal | null;
}

/** Answers one question (RFC 27): only CURVE, only into a known domain, only with a key that is admitted there. */
export function decide(question: readonly Buffer[], domains: ReadonlyMap<string, Admission>): ZapDecision {
  const [, id = Buffer.alloc(0), domainBytes, , , mechanism, credential] = question;
  const domain = domainBytes?.toString() ?? '';
  const answer = (status: string, text: string): ZapDecision['reply'] => [VERSION, id, status, text, '', ''];
  const refuse = (cause: ZapRefusal['cause']): ZapDecision => ({
    reply: answer('400', 'Not admitted.'),
    refused: { domain, cause },
  });
  const admission = domains.get(domain);
  if (admission === undefined) return refuse('no_domain');
  if (mechanism?.toString() !== 'CURVE' || credential?.length !== KEY_BYTES) return refuse('no_curve');
  if (!admission(credential.toString('hex'))) return refuse('unknown_key');
  return { reply: answer('200', 'OK'), refused: null };
}

/** Answers libzmq's questions in one context, for as long as its sockets are open. */
export class ZapHandler {
  private readonly socket: Reply;

  private constructor(
    context: Context,
    private readonly domains: ReadonlyMap<string, Admission>,
    private readonly onRefused: (refused: ZapRefusal) => void,
  ) {
    this.socket = new Reply({ context, linger: 0 });
  }

  /** To be called before any socket of the context is bound. */
  static async start(
    context: Context,
    domains: ReadonlyMap<string, Admission>,
    onRefused: (refused: ZapRefusal) => void,
  ): Promise<ZapHandler> {
    const handler = new ZapHandler(context, domains, onRefused);
    await handler.socket.bind(ZAP_ADDRESS);
    void handler.serve();
    return handler;
  }

  stop(): void {
    this.socket.close();
  }

  private async serve(): Promise<void> {
    try {
      for (;;) {
        const { reply, refused } = decide(await this.socket.receive(), this.domains);
        if (refused !== null) this.onRefused(refused);
        await this.socket.send([...reply]);
      }
    } catch (error) {
      if (!this.socket.closed) throw error;
    }
  }
}
