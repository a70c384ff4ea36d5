import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RestClient } from '../../support/rest-client.js';
import { startTimedRest, type TimedRest } from '../../support/rest-target.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const VALIDATOR = join(__dirname, '../../../node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js');

let rest: TimedRest;
let api: RestClient;
let folder: string;

beforeAll(async () => {
  rest = await startTimedRest();
  api = new RestClient(rest.url);
  folder = makeTempDir('openapi');
});
afterAll(async () => {
  removeTempDir(folder);
  await rest.stop();
});

/** What the validator says of a document: valid or not. */
async function isValid(document: string): Promise<boolean> {
  const file = join(folder, 'openapi.json');
  writeFileSync(file, document);
  const { stdout } = await promisify(execFile)(process.execPath, [VALIDATOR, file]).catch((error) => error);
  return JSON.parse(stdout).valid;
}

test('/openapi.json is a valid OpenAPI 3.1 document, and the validator can see one that is not', async () => {
  const { status, text, json } = await api.get('/openapi.json');
  expect([status, json.openapi]).toEqual([200, '3.1.0']);
  expect(await isValid(text)).toBe(true);
  expect(await isValid(text.replace('"operationId":"put-queue"', '"operationId":7'))).toBe(false);
});

test('each operation of the document is served, and each method served is in the document', async () => {
  const { paths } = (await api.get('/openapi.json')).json;
  const methods = ['get', 'head', 'put', 'post', 'patch', 'delete'];
  for (const [template, item] of Object.entries(paths)) {
    const path = template.replace('{queue_name}', 'q').replace(/\{\w+\}/, 'x');
    const documented = methods.filter((method) => method in (item as object)).map((method) => method.toUpperCase());
    const { headers } = await api.send('OPTIONS', path);
    expect([template, headers.allow!.split(', ').sort()]).toEqual([template, documented.sort()]);
  }
});

test('/docs is a page whose every script and style comes from here, under a strict policy', async () => {
  const page = await api.get('/docs', { headers: { Accept: 'text/html' } });
  expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
  expect(page.text).not.toMatch(/<script>|style=|https?:/);
  const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(parts).toHaveLength(4);
  for (const path of parts) {
    const part = await api.get(path);
    expect([path, part.status]).toEqual([path, 200]);
    expect(part.headers['content-security-policy']).toContain("default-src 'none'");
  }
});

test('the help link of a 406 leads there', async () => {
  const refused = await api.get('/v1', { headers: { Accept: 'text/html' } });
  expect((await api.get(refused.json.link.href)).status).toBe(200);
});
