#!/usr/bin/env node
import { runCommand } from './cli/program.js';
import { holdHeapGrowth } from './process/heap.js';

holdHeapGrowth();
void runCommand(process.argv.slice(2), __filename).then((code) => process.exit(code));
