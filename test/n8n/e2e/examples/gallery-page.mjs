import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { assertImage } from '../../shared/images.mjs';
import { openPage } from '../chromium.mjs';
import { withPrompts } from '../example.mjs';

const visitor = { username: 'visitor', password: 'Gallery-key' };

/** @param {import('../example.mjs').Example} example */
export function testExample(example) {
	/** @param {import('../example.mjs').Changes} [changes] of the example in a published gallery of its own */
	const publish = async (changes) => {
		await example.service.reset();
		const path = `gallery-${randomUUID()}`;
		const { username: user, password } = visitor;
		const webhook = { parameters: { path } };
		return await example.publish(`webhook/${path}`, {
			...(await example.choosing(['Webhook'], 'httpBasicAuth', { user, password }, webhook)),
			...changes,
		});
	};
	const paid = async () => (await example.paidPrompts()).length;

	it('asks for a password before anything is paid', async () => {
		const address = await publish();
		for (const headers of [undefined, { authorization: basic('visitor', 'wrong') }]) {
			const response = await fetch(address, { headers });
			assert.ok([401, 403].includes(response.status), String(response.status));
		}
		assert.equal(await paid(), 0);
	});

	it('shows an image for each prompt in a browser', async () => {
		const address = await publish();
		await openPage(address, { httpCredentials: visitor }, async (page) => {
			const sizes = await page
				.locator('img')
				.evaluateAll((images) =>
					images.map((image) => [
						/** @type {HTMLImageElement} */ (image).naturalWidth,
						/** @type {HTMLImageElement} */ (image).naturalHeight,
					]),
				);
			assert.deepEqual(sizes, Array(3).fill([512, 512]));
			const captions = await page.locator('figcaption').allInnerTexts();
			assert.equal(captions[1], 'A greenhouse at night, lit from inside, ink and wash');
		});
		assert.equal(await paid(), 3);
	});

	it('has a box for an image that failed, and keeps the reason to itself', async () => {
		const html = await get(await publish(withPrompts(['A lantern', 'A ferry [fail]'])));
		const [image, ...more] = imagesIn(html);
		assert.deepEqual(more, []);
		await assertImage(image, 512);
		assert.match(html, /could not be made\.<\/p><figcaption>A ferry \[fail\]</);
		// Base64 may spell any word.
		assert.doesNotMatch(html.replaceAll(/base64,[^"]*/g, ''), /generation failed|task/i);
		assert.equal(await paid(), 2);
	});

	const markup = '<script>alert(1)</script> & $& {{ 1 + 1 }} "quoted"';
	for (const [title, prompt, images] of /** @type {const} */ ([
		['the image was made', markup, 1],
		['every image failed', `${markup} [fail]`, 0],
	])) {
		it(`shows a prompt as text, whatever it holds, when ${title}`, async () => {
			const html = await get(await publish(withPrompts([prompt])));
			assert.equal(imagesIn(html).length, images);
			const caption = /<figcaption>(.*?)<\/figcaption>/s.exec(html)?.[1];
			assert.equal(caption, prompt.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));
		});
	}
}

/**
 * @param {string} address
 * @returns {Promise<string>} the page, as a visitor with the password gets it
 */
async function get(address) {
	const response = await fetch(address, {
		headers: { authorization: basic(visitor.username, visitor.password) },
	});
	const text = await response.text();
	assert.equal(response.status, 200, text.slice(0, 500));
	assert.match(String(response.headers.get('content-type')), /^text\/html/);
	return text;
}

/**
 * @param {string} username
 * @param {string} password
 */
function basic(username, password) {
	return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/**
 * @param {string} html
 * @returns {Buffer[]} the images that the page holds itself
 */
function imagesIn(html) {
	return [...html.matchAll(/<img src="data:image\/png;base64,([^"]+)"/g)].map(([, base64]) =>
		Buffer.from(base64, 'base64'),
	);
}
