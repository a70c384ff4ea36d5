// npm run bench -- NAME [ARGS]: runs bench/NAME.ts from a fresh build.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, ensureBuilt, ensureInstalled, root, run } from './prepare.mjs';

checkNode();
ensureInstalled();
ensureBuilt();

const folder = join(root, 'dist', 'bench');
const [name, ...args] = process.argv.slice(2);
const file = join(folder, `${name}.js`);
if (!name || !existsSync(file)) {
  const names = existsSync(folder) ? readdirSync(folder).filter((entry) => entry.endsWith('.js')) : [];
  console.error(`usage: npm run bench -- NAME, NAME one of: ${names.map((entry) => entry.slice(0, -3)).join(', ')}`);
  process.exit(2);
}
process.exit(run(process.execPath, [file, ...args]));
