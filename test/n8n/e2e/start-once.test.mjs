import { execa } from 'execa';
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { outputFolder, repository } from '../../../scripts/lib/paths.mjs';
import { freePort, host } from '../../../scripts/lib/ports.mjs';

const start = async (...commandLine) =>
	await execa(process.execPath, [join('scripts', 'run.mjs'), 'start', ...commandLine], {
		cwd: repository,
		reject: false,
		stdin: 'ignore',
		timeout: 300_000,
		// A test must not spend money, whatever keys its surroundings hold.
		env: { BFL_API_KEY: '', NOVITA_API_KEY: '', JIEKOU_API_KEY: '' },
	});

describe('npm start', () => {
	let somebodyElse;
	let port;
	before(async () => {
		port = await freePort();
		somebodyElse = createServer();
		await new Promise((resolve) => somebodyElse.listen(port, host, resolve));
	});
	after(() => somebodyElse.close());

	it('--once writes an image, prints its path and ends', async () => {
		const { exitCode, stdout, stderr } = await start('--once');
		assert.equal(exitCode, 0, stdout + stderr);
		const path = /^Image: (.+)$/m.exec(stdout)[1];
		assert.doesNotMatch(relative(outputFolder, path), /^\.\./);
		const bytes = await readFile(path);
		assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
		await rm(path);
	});

	for (const [title, commandLine, message] of [
		['a taken port', () => ['--port', String(port)], /is taken/],
		['a port that is none', () => ['--port', 'many'], /no port/],
		['an unknown option', () => ['--twice'], /--help/],
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
