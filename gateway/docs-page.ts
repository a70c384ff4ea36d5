import { dirname } from 'node:path';
import type { Express, Response } from 'express';
import { send } from './http/answer.js';
import { openApi } from './openapi/document.js';

/** Scripts and styles come from here alone; nothing inline, nothing from elsewhere, no frame around it. */
const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Marconi API v1</title>
<link rel="icon" href="/docs/ui/favicon-32x32.png">
<link rel="stylesheet" href="/docs/ui/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/ui/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</body>
</html>
`;

const SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null });
`;

/** What the page needs of the package that draws it. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** The OpenAPI document at /openapi.json, and pages to browse and try it at /docs; all of it works offline. */
export function addDocs(app: Express): void {
  const document = JSON.stringify(openApi());
  const page = (body: string, type: string) => (_request: unknown, response: Response) =>
    send(response, { status: 200, headers: SECURITY_HEADERS, body, type });
  app.get('/openapi.json', page(document, 'application/json'));
  app.get('/docs', page(PAGE, 'text/html; charset=utf-8'));
  app.get('/docs/page.js', page(SCRIPT, 'text/javascript; charset=utf-8'));
  // Found, not imported: its module would run the page's whole script here.
  const root = dirname(require.resolve('swagger-ui-dist/package.json'));
  for (const file of FILES) {
    app.get(`/docs/ui/${file}`, (_request, response) => response.sendFile(file, { root, headers: SECURITY_HEADERS }));
  }
}
