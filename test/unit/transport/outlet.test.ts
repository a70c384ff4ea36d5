import { EventEmitter } from 'node:events';
import type { StatusObject } from '@grpc/grpc-js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import { toStatus } from '../../../src/transport/grpc/errors.js';
import { MAX_UNSENT_BYTES } from '../../../src/transport/grpc/limits.js';
import { GrpcOutlet, type StreamCall } from '../../../src/transport/grpc/outlet.js';

/** A call whose client reads when the test says so. */
class FakeCall extends EventEmitter implements StreamCall {
  cancelled = false;
  readonly told: unknown[] = [];
  private readonly unread: (() => void)[] = [];

  constructor() {
    super();
    this.on('error', ({ details }: StatusObject) => this.told.push(details));
  }

  write(bytes: Buffer, sent: () => void): void {
    this.told.push(bytes.length);
    this.unread.push(sent);
  }

  end(): void {
    this.told.push('end');
  }

  pause(): void {
    this.told.push('pause');
  }

  resume(): void {
    this.told.push('resume');
  }

  /** The client takes in so many answers. */
  read(count: number): void {
    for (const sent of this.unread.splice(0, count)) sent();
  }
}

describe('the answers of a stream', () => {
  const codec = { encode: (size: number) => ({ finish: () => new Uint8Array(size) }), decode: () => 0 };
  const answer = MAX_UNSENT_BYTES / 4;
  let call: FakeCall;
  let ready: number;
  let outlet: GrpcOutlet<number>;

  beforeEach(() => {
    call = new FakeCall();
    ready = 0;
    outlet = new GrpcOutlet(call, codec, { ready: () => ready++, status: (error) => toStatus(error) });
  });

  it('are counted in bytes: full beyond the bound, ready again at half of it, told once', () => {
    for (let n = 0; n < 4; n++) outlet.send(answer);
    expect(outlet.ready).toBe(true);
    outlet.send(1);
    expect(outlet.ready).toBe(false);
    call.read(2);
    expect([outlet.ready, ready]).toEqual([false, 0]);
    call.read(1);
    expect([outlet.ready, ready]).toEqual([true, 1]);
    call.read(2);
    expect(ready).toBe(1);
  });

  it('go to nobody once the client is gone', () => {
    outlet.send(2 * MAX_UNSENT_BYTES);
    call.cancelled = true;
    outlet.send(1);
    call.read(1);
    outlet.end(null);
    expect([call.told, ready, outlet.ended]).toEqual([[2 * MAX_UNSENT_BYTES], 0, null]);
  });

  it('end once, well or with the error that came first', () => {
    outlet.send(1);
    outlet.end(new MarconiError('DRAINING', 'Come again.'));
    outlet.end(null);
    outlet.send(1);
    expect(call.told).toEqual([1, 'Come again.']);
    expect(outlet.ended).toMatchObject({ reason: 'DRAINING' });
  });

  it('hold the requests once, and let them come once', () => {
    outlet.resume();
    outlet.hold();
    outlet.hold();
    outlet.resume();
    outlet.resume();
    expect(call.told).toEqual(['pause', 'resume']);
  });
});
