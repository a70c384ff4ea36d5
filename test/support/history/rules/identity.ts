import type { Ledger } from '../ledger.js';
import type { Finding } from '../violation.js';

/** Every message shown was posted by someone who was not refused; an id has one value, a value one id. */
export function* identity({ strangers, posts, pages, byId }: Ledger): Generator<Finding> {
  for (const { id, value } of strangers) yield { rule: 'phantom', what: `${id} "${value}" was posted by no one` };
  for (const { refused, messages } of posts) {
    const shown = refused ? messages.find(({ ids }) => ids.size > 0) : undefined;
    if (shown) yield { rule: 'phantom', what: `"${shown.value}" is there although its post was refused` };
    for (const { value, ids } of messages)
      if (ids.size > 1) yield { rule: 'duplicated', what: `"${value}" is there as ${[...ids].join(' and ')}` };
  }
  const values = new Map<string, string>();
  for (const { sightings } of pages)
    for (const { id, value } of sightings) {
      const known = values.get(id) ?? byId.get(id)?.value ?? value;
      values.set(id, known);
      if (known !== value) yield { rule: 'corrupted', what: `${id} is "${known}" and also "${value}"` };
    }
}
