// npm start: installs and builds when needed, then runs `marconi serve` with the same signals and exit code.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkNode, ensureBuilt, ensureInstalled, root } from './prepare.mjs';

checkNode();
ensureInstalled();
ensureBuilt();

const args = [join(root, 'dist', 'src', 'main.js'), 'serve', ...process.argv.slice(2)];
const server = spawn(process.execPath, args, { stdio: 'inherit' });

// A terminal sends Ctrl-C to the whole process group, the server included; everything else reaches only us.
const forwarded = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGINT'];
for (const signal of forwarded) process.on(signal, () => server.kill(signal));
if (process.stdin.isTTY) process.on('SIGINT', () => {});

server.on('error', (error) => {
  console.error(`The server did not start: ${error.message}`);
  process.exit(1);
});
server.on('exit', (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
