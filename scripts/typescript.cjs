'use strict';
/**
 * Lets a process run TypeScript: `node -r typescript.cjs child.ts`. Compiles as jest does, and keeps what it compiled
 * under .cache/typescript, named by content.
 */
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const options = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};
const cache = join(__dirname, '../.cache/typescript');
mkdirSync(cache, { recursive: true });

function compile(source, filename) {
  const kept = join(cache, createHash('sha256').update(filename).update(source).digest('hex'));
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const { code } = transformSync(source, { ...options, filename });
  const fresh = `${kept}.${process.pid}`;
  writeFileSync(fresh, code);
  renameSync(fresh, kept);
  return code;
}

Module._extensions['.ts'] = (module, filename) =>
  module._compile(compile(readFileSync(filename, 'utf8'), filename), filename);

const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const source = /^\.{1,2}\/.*\.js$/.test(request) ? request.replace(/\.js$/, '.ts') : request;
  try {
    return resolve.call(this, source, ...rest);
  } catch (error) {
    if (source === request) throw error;
    return resolve.call(this, request, ...rest);
  }
};
