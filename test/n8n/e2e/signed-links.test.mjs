import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startEnvironment } from './environment.mjs';
import { startPublicAddress } from './publicAddress.mjs';

/** n8n signs with this, so that the tests can sign links of their own. */
const secret = 'the-secret-of-the-signed-links';

const twoHours = 2 * 60 * 60;

/** A task waits in the queue before the service fetches the image. */
const queueMilliseconds = 1000;

const edit = (binaryDelivery) => [
	{ parameters: { prompt: 'A chair', binaryPropertyName: 'reference' } },
	{
		parameters: {
			prompt: 'The same chair in a library',
			images: { image: [{ source: 'binary', binaryPropertyName: 'reference' }] },
			options: { binaryDelivery },
		},
	},
];

// One n8n is started again for each way to store binary data.
describe('Reference images by signed link', () => {
	/** @type {import('./environment.mjs').Environment} */
	let environment;
	let publicAddress;

	const settings = (binaryMode, addressVariable) => ({
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
			settings: settings('filesystem', 'N8N_WEBHOOK_URL'),
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
		describe(`with binary data in the ${mode}`, () => {
			let execution, task, input, inputBytes, link, token;

			before(async () => {
				if (mode !== 'filesystem') {
					await environment.killN8n();
					await environment.startN8nAgain(settings(mode, addressVariable));
				}
				await environment.resetSimulator();
				execution = await environment.runNodes(edit('signedUrl'));
				[, task] = (await environment.simulatorState()).tasks;
				input = execution.items('Flux 1')[0].binary.reference;
				inputBytes = await environment.n8n.downloadBinary(input);
				link = task?.references[0].url;
				token = new URL(link).searchParams.get('token');
			});

			it('the service gets the very bytes of the file, when it comes to the task', () => {
				assert.equal(execution.failure, undefined);
				assert.match(input.id, storedAs);
				const [reference] = task.references;
				assert.equal(reference.state, 'loaded');
				assert.equal(reference.byteLength, inputBytes.length);
				assert.equal(reference.sha256, sha256(inputBytes));
				assert.ok(task.startsAt - task.acceptedAt >= queueMilliseconds);
			});

			it('the image it makes of it arrives', async () => {
				const [item] = execution.items();
				const stored = await environment.n8n.downloadBinary(item.binary.data);
				assert.ok(stored.equals(await environment.servedBytes(item.json.image_url)));
			});

			it(`the link leads to the public address in ${addressVariable}`, () => {
				assert.ok(link.startsWith(`${publicAddress.url}/rest/binary-data/signed?token=`), link);
			});

			it('the link is good for two hours', () => {
				const { iat, exp, id } = contentOf(token);
				assert.equal(exp - iat, twoHours);
				assert.equal(id, input.id);
				const age = Date.now() / 1000 - iat;
				assert.ok(age >= -1 && age < 300, `signed ${age} seconds ago`);
			});

			it('n8n refuses the link when it has expired', async () => {
				const now = Math.floor(Date.now() / 1000);
				const before = { id: input.id, iat: now - twoHours - 5, exp: now - 5 };
				// Signed as n8n does it: only the time can be the reason.
				const still = { ...before, exp: now + 60 };
				assert.ok((await get(link, sign(still))).equals(inputBytes));
				await assertRefused(link, sign(before), /expired/);
			});

			it('n8n refuses the link when somebody has changed it', async () => {
				assert.ok((await get(link, token)).equals(inputBytes));
				const [header, content, signature] = token.split('.');
				const [image] = execution.items();
				const other = encode({ ...contentOf(token), id: image.binary.data.id });
				const later = encode({ ...contentOf(token), exp: contentOf(token).exp + twoHours });
				const unsigned = encode({ alg: 'none', typ: 'JWT' });
				const middle = Math.floor(signature.length / 2);
				const letter = signature[middle] === 'A' ? 'B' : 'A';
				const broken = signature.slice(0, middle) + letter + signature.slice(middle + 1);
				for (const [changed, reason] of [
					[`${header}.${content}.${broken}`, /invalid signature/],
					[`${header}.${other}.${signature}`, /invalid signature/],
					[`${header}.${later}.${signature}`, /invalid signature/],
					[`${unsigned}.${content}.${signature}`, /./],
					[`${unsigned}.${content}.`, /./],
					[sign(contentOf(token), 'another secret'), /invalid signature/],
				]) {
					await assertRefused(link, changed, reason);
				}
			});
		});
	}

	describe('with binary data in memory', () => {
		before(async () => {
			await environment.killN8n();
			await environment.startN8nAgain(settings('default', 'N8N_WEBHOOK_URL'));
		});

		it('says what to do before anything is paid', async () => {
			await environment.resetSimulator();
			const execution = await environment.runNodes(edit('signedUrl'));
			assert.equal(execution.status, 'error');
			assert.match(
				execution.failure,
				/^Flux 2: 'Send Reference Images As' cannot be "Signed Link".*N8N_DEFAULT_BINARY_DATA_MODE.*Choose "Data URI"/,
			);
			const { tasks } = await environment.simulatorState();
			assert.deepEqual(
				tasks.map(({ prompt }) => prompt),
				['A chair'],
			);
		});

		it('sends the very bytes as a data URI', async () => {
			await environment.resetSimulator();
			const execution = await environment.runNodes(edit('dataUri'));
			assert.equal(execution.failure, undefined);
			const [, task] = (await environment.simulatorState()).tasks;
			const { data } = execution.items('Flux 1')[0].binary.reference;
			assert.equal(task.references[0].sha256, sha256(Buffer.from(data, 'base64')));
		});
	});
});

/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {unknown} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @param {string} token */
const contentOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/** A token as n8n makes it: a JSON Web Token, HS256. */
function sign(content, withSecret = secret) {
	const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(content)}`;
	return `${signed}.${createHmac('sha256', withSecret).update(signed).digest('base64url')}`;
}

/** The link with another token. */
function withToken(link, token) {
	const url = new URL(link);
	url.searchParams.set('token', token);
	return url;
}

async function get(link, token) {
	const response = await fetch(withToken(link, token));
	assert.equal(response.status, 200);
	return Buffer.from(await response.arrayBuffer());
}

async function assertRefused(link, token, reason) {
	const response = await fetch(withToken(link, token));
	assert.equal(response.status, 400, token);
	assert.match(await response.text(), reason);
}
