/** Paths of the API, absolute and without scheme and host (spec rest-v1 1.1). Names and ids need no escaping. */

export const queuePath = (queue: string): string => `/v1/queues/${queue}`;
export const messagesPath = (queue: string): string => `${queuePath(queue)}/messages`;
export const messagePath = (queue: string, id: string): string => `${messagesPath(queue)}/${id}`;
export const claimPath = (queue: string, id: string): string => `${queuePath(queue)}/claims/${id}`;

/** A message under a claim: `claim_id` is the only parameter, and last, as clients take it from there (2.16). */
export const claimedPath = (queue: string, id: string, claim: string): string =>
  `${messagePath(queue, id)}?claim_id=${claim}`;

/** Parameters as a link repeats them; undefined ones were not given and are left out. */
export type LinkParameters = Readonly<Record<string, number | boolean | undefined>>;

/** The `links` member of a list, as JSON: exactly one `next`, also on the last page (spec rest-v1 2.5). */
export function nextLink(path: string, marker: string, repeated: LinkParameters): string {
  let href = `${path}?marker=${encodeURIComponent(marker)}`;
  for (const [name, value] of Object.entries(repeated)) if (value !== undefined) href += `&${name}=${value}`;
  return `"links":[{"rel":"next","href":"${href}"}]`;
}
