// Every command of package.json that is more than a line: `node scripts/run.mjs <command> […]` runs
// scripts/commands/<command>.mjs, on a fresh clone as well.
import './lib/require-node.mjs';

import { existsSync, readdirSync } from 'node:fs';

const folder = new URL('commands/', import.meta.url);
const [command = '', ...commandLine] = process.argv.slice(2);
const file = new URL(`${command}.mjs`, folder);

if (/^[a-z0-9-]+$/.test(command) && existsSync(file)) {
	import('./lib/run-command.mjs').then(({ runCommand }) =>
		runCommand(() => import(file.href), commandLine),
	);
} else {
	const names = readdirSync(folder).map((name) => name.replace(/\.mjs$/, ''));
	console.error(`"${command}" is no command. There are: ${names.join(', ')}.`);
	process.exitCode = 1;
}
