import { parameters } from './parameters.js';
import { paths } from './paths.js';
import { responses } from './responses.js';
import { schemas } from './schemas.js';

/** The OpenAPI 3.1 document of v1. Limits in it are the defaults; an operator may have set others. */
export function openApi(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Marconi API',
      version: '1.0.0',
      summary: 'Multi-tenant message queues: post, list, claim, delete.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [{ name: 'Queues' }, { name: 'Messages' }, { name: 'Claims' }, { name: 'Node' }],
    paths,
    components: { schemas, parameters, responses },
  };
}
