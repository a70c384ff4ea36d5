/** Any UUID names a client; this one is the example of the API's own documentation. */
const CLIENT_ID = '3381af92-2b9e-11e3-b191-71861300734c';

/** Commands for a first try, each on a line, that work as they stand against the server at this URL. */
export function firstSteps(restUrl: string): readonly string[] {
  const curl = restUrl.startsWith('https:') ? 'curl -ik' : 'curl -i';
  const queue = `${restUrl}/v1/queues/demo`;
  return [
    `${curl} -X PUT ${queue}`,
    // Without the type curl would call it a form, which the API refuses.
    `${curl} -X POST ${queue}/messages -H 'Client-ID: ${CLIENT_ID}' -H 'Content-Type: application/json' ` +
      `-d '[{"ttl": 300, "body": {"hello": "world"}}]'`,
    `${curl} '${queue}/messages?echo=true' -H 'Client-ID: ${CLIENT_ID}'`,
  ];
}
