import { execa } from 'execa';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { outputFolder, repository } from '../../../scripts/lib/paths.mjs';
import { freePort, host } from '../../../scripts/lib/ports.mjs';

const start = async (/** @type {string[]} */ ...commandLine) =>
	await execa(process.execPath, [join('scripts', 'run.mjs'), 'start', ...commandLine], {
		cwd: repository,
		reject: false,
		stdin: 'ignore',
		timeout: 300_000,
		// A test must not spend money, whatever keys its surroundings hold.
		env: { BFL_API_KEY: '', NOVITA_API_KEY: '', JIEKOU_API_KEY: '' },
	});

describe('npm start', () => {
	const somebodyElse = createServer();
	let port = 0;
	before(async () => {
		port = await freePort();
		await once(somebodyElse.listen(port, host), 'listening');
	});
	after(() => void somebodyElse.close());

	it('--once writes an image, prints its path and ends', async () => {
		const { exitCode, stdout, stderr } = await start('--once');
		assert.equal(exitCode, 0, stdout + stderr);
		const path = /^Image: (.+)$/m.exec(stdout)?.[1] ?? '';
		assert.doesNotMatch(relative(outputFolder, path), /^\.\./);
		const bytes = await readFile(path);
		assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
		await rm(path);
	});

	for (const { title, commandLine, message } of [
		{
			title: 'a taken port',
			commandLine: () => ['--port', String(port)],
			message: /is taken/,
		},
		{ title: 'a port that is none', commandLine: () => ['--port', 'many'], message: /no port/ },
		{ title: 'an unknown option', commandLine: () => ['--twice'], message: /--help/ },
	]) {
		it(`has one clear line for ${title}`, async () => {
			const { exitCode, stderr } = await start(...commandLine());
			assert.equal(exitCode, 1);
			const lines = stderr.split('\n').filter((line) => line.startsWith('Error: '));
			assert.equal(lines.length, 1, stderr);
			assert.match(lines[0], message);
			assert.doesNotMatch(stderr, /^\s+at /m);
		});
	}
});
