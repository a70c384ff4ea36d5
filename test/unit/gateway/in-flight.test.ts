import { InFlight } from '../../../gateway/middleware/in-flight.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';

/** A post that the core refuses for load. */
function refused(inFlight: InFlight, metadata: Record<string, string>): Promise<unknown> {
  const refuse = () => Promise.reject(new MarconiError('OVERLOADED', 'busy', { metadata }));
  return inFlight.run(null, true, refuse).catch((error: unknown) => error);
}

describe('requests under way', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('brings no more in for a moment once the core is full', async () => {
    const inFlight = new InFlight(100);
    await refused(inFlight, { bound: 'node' });
    expect(inFlight.takesIntake(null)).toBe(false);
    jest.advanceTimersByTime(25);
    expect(inFlight.takesIntake(null)).toBe(true);
  });

  it('goes on for other queues when one has all that it may have', async () => {
    const inFlight = new InFlight(100);
    await refused(inFlight, { bound: 'queue' });
    expect(inFlight.takesIntake(null)).toBe(true);
  });
});
