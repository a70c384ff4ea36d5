import type { Door, Doors, DoorName, Posted } from '../support/doors/index.js';
import { CLIENT, fresh, OTHER } from '../support/rest-client.js';

/** What a case is played on: a project of its own with a queue, and one door. */
export interface Stage {
  readonly door: Door;
  /** The same door for another client of the project. */
  readonly other: Door;
  /** The same door for another project. */
  readonly stranger: Door;
  readonly queue: string;
  /** Posts JSON texts as the other client, and gives the ids. */
  post(...texts: readonly string[]): Promise<readonly string[]>;
}

/** A behaviour: fails, by an assertion or a refusal, where a door does not have it. */
export type Case = (stage: Stage) => Promise<void>;

/** Cases by name. */
export type Cases = Readonly<Record<string, Case>>;

/** A behaviour in two parts: the second is played when all that lives 60 seconds is over. */
export interface SlowCase {
  readonly before: (stage: Stage) => Promise<readonly string[]>;
  readonly after: (stage: Stage, kept: readonly string[]) => Promise<void>;
}

/** A message of a JSON text. */
export const json = (text: string, ttl = 300): Posted => ({ body: Buffer.from(text), ttl });

/** Messages of the numbers from 0. */
export const numbers = (count: number): Posted[] => Array.from({ length: count }, (_, index) => json(String(index)));

/** The bodies as text. */
export const texts = (messages: readonly { readonly body: Buffer }[]): string[] =>
  messages.map(({ body }) => body.toString());

/** The ids. */
export const idsOf = (messages: readonly { readonly id: string }[]): string[] => messages.map(({ id }) => id);

/** What a refusal is. */
export const refused = (reason: string, ...fields: readonly string[]) => ({ reason, fields });

/** Sets the stage for one case. */
export async function setStage(doors: Doors, name: DoorName): Promise<Stage> {
  const door = doors.open(name, { project: fresh('größe 🐇'), client: CLIENT });
  const other = door.as({ client: OTHER });
  const queue = 'stage';
  await door.createQueue(queue);
  return {
    door,
    other,
    stranger: door.as({ project: fresh('stranger') }),
    queue,
    post: async (...bodies) => {
      const { ids } = await other.post(
        queue,
        bodies.map((text) => json(text)),
      );
      return ids;
    },
  };
}
