import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { assertStoredAsServed, bytesAt } from '../shared/images.mjs';
import { startEnvironment } from './environment.mjs';
import { startPublicAddress } from './publicAddress.mjs';

/** n8n signs with this, so that the tests can sign links of their own. */
const secret = 'the-secret-of-the-signed-links';

const twoHours = 2 * 60 * 60;

/** A task waits in the queue before the service fetches the image. */
const queueMilliseconds = 1000;

/**
 * Draws a chair and edits the image.
 *
 * @param {import('./environment.mjs').Environment} environment
 * @param {'dataUri' | 'signedUrl'} binaryDelivery
 */
async function edit(environment, binaryDelivery) {
	await environment.service.reset();
	const execution = await environment.runNodes([
		{ prompt: 'A chair', binaryPropertyName: 'reference' },
		{
			prompt: 'The same chair in a library',
			images: { image: [{ source: 'binary', binaryPropertyName: 'reference' }] },
			options: { binaryDelivery },
		},
	]);
	const input = execution.items('Flux 1')[0].binary?.reference;
	return { execution, input, tasks: await environment.service.paid() };
}

// One n8n is started again for each way to store binary data.
describe('Reference images by signed link', () => {
	/** @type {import('./environment.mjs').Environment} */
	let environment;
	/** @type {Awaited<ReturnType<typeof startPublicAddress>>} */
	let publicAddress;

	/**
	 * @param {string} binaryMode
	 * @param {string} [addressVariable]
	 */
	const settings = (binaryMode, addressVariable = 'N8N_WEBHOOK_URL') => ({
		N8N_DEFAULT_BINARY_DATA_MODE: binaryMode,
		N8N_BINARY_DATA_SIGNING_SECRET: secret,
		// The address of the editor alone is none that links are made of.
		N8N_EDITOR_BASE_URL: 'http://editor.invalid/',
		[addressVariable]: `${publicAddress.url}/`,
	});

	before(async () => {
		publicAddress = await startPublicAddress(() => environment.n8n.url);
		environment = await startEnvironment({
			name: 'n8n-signed-links',
			settings: settings('filesystem'),
			service: { queueMilliseconds },
		});
	});
	after(async () => {
		await environment?.stop();
		publicAddress?.close();
	});

	for (const { mode, storedAs, addressVariable } of [
		{ mode: 'filesystem', storedAs: /^filesystem/, addressVariable: 'N8N_WEBHOOK_URL' },
		{ mode: 'database', storedAs: /^database:/, addressVariable: 'WEBHOOK_URL' },
	]) {
		it(`lead to the ${mode} by the public address in ${addressVariable}, for two hours, and to nothing else`, async () => {
			if (mode !== 'filesystem') {
				await environment.killN8n();
				await environment.startN8nAgain(settings(mode, addressVariable));
			}
			const { execution, input, tasks } = await edit(environment, 'signedUrl');
			assert.equal(execution.failure, undefined);
			assert.match(input.id, storedAs);
			const [item] = execution.items();
			await assertStoredAsServed(environment.n8n, item);

			// The service gets the very bytes of the file, when it comes to the task.
			const [, task] = tasks;
			const { url: link = '', state, sha256 } = task.references[0];
			const bytes = await environment.n8n.downloadBinary(input);
			assert.deepEqual({ state, sha256 }, { state: 'loaded', sha256: sha256Of(bytes) });
			assert.ok(task.startsAt - task.acceptedAt >= queueMilliseconds);
			assert.ok(link.startsWith(`${publicAddress.url}/rest/binary-data/signed?token=`), link);

			const token = new URL(link).searchParams.get('token') ?? '';
			const content = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
			assert.equal(content.exp - content.iat, twoHours);
			assert.equal(content.id, input.id);
			const age = Date.now() / 1000 - content.iat;
			assert.ok(age >= -1 && age < 300, `signed ${age} seconds ago`);

			// Signed as n8n does it: only what is changed can be the reason.
			const signed = (/** @type {string} */ with_, change = {}) =>
				withToken(link, sign({ ...content, ...change }, with_));
			assert.ok((await bytesAt(signed(secret))).equals(bytes));
			const expired = { iat: content.iat - twoHours - 300, exp: content.iat - 300 };
			await assertRefused(signed(secret, expired), /expired/);
			await assertRefused(signed('another secret', { id: item.binary?.data.id }), /invalid/);
		});
	}

	describe('with binary data in memory', () => {
		before(async () => {
			await environment.killN8n();
			await environment.startN8nAgain(settings('default'));
		});

		it('are refused with the way out before anything is paid', async () => {
			const { execution, tasks } = await edit(environment, 'signedUrl');
			assert.match(
				String(execution.failure),
				/^Flux 2: 'Send Reference Images As' cannot be "Signed Link".*N8N_DEFAULT_BINARY_DATA_MODE.*Choose "Data URI"/,
			);
			assert.deepEqual(
				tasks.map(({ prompt }) => prompt),
				['A chair'],
			);
		});

		it('are not needed: a data URI brings the very bytes', async () => {
			const { execution, input, tasks } = await edit(environment, 'dataUri');
			assert.equal(execution.failure, undefined);
			const { sha256 } = tasks[1].references[0];
			assert.equal(sha256, sha256Of(Buffer.from(input.data, 'base64')));
		});
	});
});

/** @param {Buffer} bytes */
const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {unknown} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token as n8n makes it: a JSON Web Token, HS256.
 *
 * @param {unknown} content
 * @param {string} withSecret
 */
function sign(content, withSecret) {
	const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(content)}`;
	return `${signed}.${createHmac('sha256', withSecret).update(signed).digest('base64url')}`;
}

/**
 * @param {string} link
 * @param {string} token instead of its own
 */
function withToken(link, token) {
	const url = new URL(link);
	url.searchParams.set('token', token);
	return url;
}

/**
 * @param {URL} link
 * @param {RegExp} reason
 */
async function assertRefused(link, reason) {
	const response = await fetch(link);
	assert.equal(response.status, 400, link.href);
	assert.match(await response.text(), reason);
}
