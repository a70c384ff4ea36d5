'use strict';
/** Runs a TypeScript file of the course on any Node.js that Marconi runs on: `node examples/run.cjs FILE`. */
const { join } = require('node:path');

require('../scripts/typescript.cjs');

const [file] = process.argv.splice(2, 1);
if (file === undefined) {
  console.error('usage: node examples/run.cjs FILE [ADDRESS], say 02-work-queue/worker.ts');
  process.exit(2);
}
require(join(__dirname, file));
