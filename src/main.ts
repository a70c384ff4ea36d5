#!/usr/bin/env node
import { runCommand } from './cli/program.js';

void runCommand(process.argv.slice(2)).then((code) => process.exit(code));
