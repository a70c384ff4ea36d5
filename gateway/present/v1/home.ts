const queue = { queue_name: 'param/queue_name' };
const messageFilters = { echo: 'param/echo', include_claimed: 'param/include_claimed' };

type Vars = Readonly<Record<string, string>>;

function resource(template: string, vars: Vars, allow: readonly string[]): object {
  const posts = allow.includes('POST') ? { 'accept-post': ['application/json'] } : {};
  const hints = { allow, formats: { 'application/json': {} }, ...posts };
  return { 'href-template': template, 'href-vars': vars, hints };
}

/** The home document: JSON-home, draft 03, one entry per relation (spec rest-v1 2.1). */
export const HOME = JSON.stringify({
  resources: {
    'rel/queues': resource(
      '/v1/queues{?marker,limit,detailed}',
      { marker: 'param/marker', limit: 'param/queue_limit', detailed: 'param/detailed' },
      ['GET'],
    ),
    'rel/queue': resource('/v1/queues/{queue_name}', queue, ['GET', 'HEAD', 'PUT', 'DELETE']),
    'rel/queue-metadata': resource('/v1/queues/{queue_name}/metadata', queue, ['GET', 'PUT']),
    'rel/queue-stats': resource('/v1/queues/{queue_name}/stats', queue, ['GET']),
    'rel/messages': resource(
      '/v1/queues/{queue_name}/messages{?marker,limit,echo,include_claimed}',
      { ...queue, marker: 'param/marker', limit: 'param/messages_limit', ...messageFilters },
      ['GET'],
    ),
    'rel/post-messages': resource('/v1/queues/{queue_name}/messages', queue, ['POST']),
    'rel/claim': resource('/v1/queues/{queue_name}/claims{?limit}', { ...queue, limit: 'param/claim_limit' }, ['POST']),
  },
});

/** Its media type, exactly: clients compare it. */
export const HOME_TYPE = 'application/json-home';
