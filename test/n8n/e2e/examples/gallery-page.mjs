import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, it } from 'node:test';
import { waitUntil } from '../../../../scripts/lib/wait-until.mjs';
import { openPage } from '../chromium.mjs';
import { nodeOf, withPrompts } from '../example.mjs';
import { assertImage } from '../imageAssertions.mjs';

const visitor = { username: 'visitor', password: 'Gallery-key' };

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	let credential;
	before(async () => {
		credential = await example.environment.n8n.putCredential({
			name: 'Basic Auth account',
			type: 'httpBasicAuth',
			data: { user: visitor.username, password: visitor.password },
		});
	});

	/** @returns {Promise<string>} the address of a published gallery of its own */
	const publish = async (change = () => {}) => {
		await example.forgetTasks();
		const { n8n } = example.environment;
		const path = `gallery-${randomUUID()}`;
		const workflow = await example.import((copy) => {
			const webhook = nodeOf(copy, 'Webhook');
			webhook.parameters.path = path;
			webhook.credentials = { httpBasicAuth: { id: credential.id, name: credential.name } };
			change(copy);
		});
		await n8n.publish(workflow);
		const address = `${n8n.url}/webhook/${path}`;
		// n8n publishes in the background. Without the password, looking whether it is there is free.
		await waitUntil(async () => (await fetch(address)).status !== 404, {
			timeout: 30_000,
			onTimeout: () => new Error('n8n has not published the webhook in time.'),
		});
		return address;
	};
	const paid = async () => (await example.paidTasks()).length;

	it('asks for a password before anything is paid', async () => {
		const address = await publish();
		for (const headers of [{}, { authorization: basic('visitor', 'wrong') }]) {
			const response = await fetch(address, { headers });
			assert.ok([401, 403].includes(response.status), String(response.status));
		}
		assert.equal(await paid(), 0);
	});

	it('answers with a page that holds an image for each prompt', async () => {
		const html = await get(await publish());
		const images = imagesIn(html);
		assert.equal(images.length, 3);
		for (const image of images) await assertImage(image, { width: 512, height: 512 });
		assert.match(html, /<figcaption>A greenhouse at night, lit from inside, ink and wash</);
		assert.equal(await paid(), 3);
	});

	it('has a box for an image that failed, and keeps the reason to itself', async () => {
		const html = await get(await publish(withPrompts(['A lantern', 'A ferry [fail]'])));
		assert.equal(imagesIn(html).length, 1);
		assert.match(html, /could not be made\.<\/p><figcaption>A ferry \[fail\]</);
		// Base64 may spell any word.
		assert.doesNotMatch(html.replaceAll(/base64,[^"]*/g, ''), /generation failed|task/i);
		assert.equal(await paid(), 2);
	});

	it('shows a page also when every image failed', async () => {
		const html = await get(await publish(withPrompts(['A lantern [fail]'])));
		assert.equal(imagesIn(html).length, 0);
		assert.match(html, /could not be made/);
	});

	it('shows a prompt as text, whatever it holds', async () => {
		const prompt = '<script>alert(1)</script> & $& {{ 1 + 1 }} "quoted"';
		for (const each of [prompt, `${prompt} [fail]`]) {
			const html = await get(await publish(withPrompts([each])));
			const [, caption] = /<figcaption>(.*?)<\/figcaption>/s.exec(html);
			assert.equal(caption, each.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
		}
	});

	it('shows its images in a browser', async () => {
		const address = await publish();
		await openPage(address, { httpCredentials: visitor }, async (page) => {
			const sizes = await page
				.locator('img')
				.evaluateAll((images) =>
					images.map(({ complete, naturalWidth, naturalHeight }) => [
						complete,
						naturalWidth,
						naturalHeight,
					]),
				);
			assert.deepEqual(sizes, Array(3).fill([true, 512, 512]));
		});
		assert.equal(await paid(), 3);
	});
}

/** @returns {Promise<string>} the page, as a visitor with the password gets it */
async function get(address) {
	const response = await fetch(address, {
		headers: { authorization: basic(visitor.username, visitor.password) },
	});
	const text = await response.text();
	assert.equal(response.status, 200, text.slice(0, 500));
	assert.match(response.headers.get('content-type'), /^text\/html/);
	return text;
}

function basic(username, password) {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** @returns {Buffer[]} the images that the page holds itself */
function imagesIn(html) {
	return [...html.matchAll(/<img src="data:image\/png;base64,([^"]+)"/g)].map(([, base64]) =>
		Buffer.from(base64, 'base64'),
	);
}
