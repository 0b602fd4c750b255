import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { VirtualWorld } from '../support/virtual/virtualWorld';
import { formLabels } from './formLabels';

/** Runs one item with the credential of a service; `body` is that of the submit. */
async function submitAt(
	service: string,
	options: IDataObject,
	parameters: IDataObject = {},
	credential: Record<string, unknown> = {},
) {
	const world = new VirtualWorld();
	let body: IDataObject | undefined;
	const { error, items } = await world.run({
		parameters: { operation: 'submit', prompt: 'a cat', options, ...parameters },
		adjust: (context: IExecuteFunctions) => {
			context.getCredentials = async () => ({ service, apiKey: 'a-key', ...credential }) as never;
			context.helpers.httpRequestWithAuthentication = async (_type, request) => {
				body = request.body as IDataObject;
				return { statusCode: 200, headers: {}, body: { id: 'abc', task_id: 'abc' } };
			};
		},
	});
	return { error, items, body };
}

const labels: Record<string, [label: string, value: unknown]> = {
	guidance: ['Guidance', 3],
	outputFormat: ['Output Format', 'png'],
	promptUpsampling: ['Prompt Upsampling', false],
	safetyTolerance: ['Safety Tolerance', 2],
	steps: ['Steps', 20],
};

describe.each(['novita', 'jieKou'])('at %s an option of others', (service) => {
	test.each(Object.entries(labels))(
		'(%s) is refused, by its label',
		async (name, [label, value]) => {
			const { error, body } = await submitAt(service, { [name]: value as string });
			expect(formLabels).toContain(label);
			expect(error?.message).toContain(`'${label}' is an option of Black Forest Labs`);
			expect(error?.message).toContain('[item 0]');
			expect(error?.description).toContain(`Remove '${label}'`);
			expect(body).toBeUndefined();
		},
	);

	test('that was left empty is none', async () => {
		const { error, body } = await submitAt(service, { guidance: '', steps: null as never });
		expect(error).toBeUndefined();
		expect(body).toEqual({ prompt: 'a cat', seed: -1 });
	});
});

describe('at Black Forest Labs', () => {
	test('all options are sent', async () => {
		const options = Object.fromEntries(
			Object.entries(labels).map(([name, [, value]]) => [name, value]),
		) as IDataObject;
		const { error, body } = await submitAt('blackForestLabs', { ...options, maxTasks: 5 });
		expect(error).toBeUndefined();
		expect(body).toEqual({
			prompt: 'a cat',
			guidance: 3,
			output_format: 'png',
			prompt_upsampling: false,
			safety_tolerance: 2,
			steps: 20,
		});
	});

	test.each<[unknown, string | undefined]>([
		['psst', 'psst'],
		[' as entered ', ' as entered '],
		[2026, '2026'],
		['', undefined],
		[null, undefined],
		[undefined, undefined],
	])(
		'with %j as Webhook Secret of the credential a call is signed with %j',
		async (secret, sent) => {
			const options = { webhookUrl: 'https://a.example/hook' };
			const { body } = await submitAt('blackForestLabs', options, {}, { webhookSecret: secret });
			expect(body).toMatchObject({ webhook_url: 'https://a.example/hook' });
			expect(body?.webhook_secret).toBe(sent);
		},
	);

	test.each([{ a: 1 }, ['psst'], NaN, true])(
		'%j as Webhook Secret is refused before anything is sent',
		async (webhookSecret) => {
			const { error, body } = await submitAt('blackForestLabs', {}, {}, { webhookSecret });
			expect(error?.message).toBe("'Webhook Secret' in the credential is not text [item 0]");
			expect(body).toBeUndefined();
			expect((await submitAt('novita', {}, {}, { webhookSecret })).error).toBeUndefined();
		},
	);

	test('a number as text is a number, as expressions often give it', async () => {
		const { body } = await submitAt('blackForestLabs', { steps: '20', guidance: '4.5' });
		expect(body).toMatchObject({ steps: 20, guidance: 4.5 });
	});

	test.each<[string, unknown, string]>([
		['guidance', 1.4, 'from 1.5 to 10'],
		['guidance', 10.1, 'from 1.5 to 10'],
		['guidance', 'much', '"much"'],
		['outputFormat', 'gif', '"gif"'],
		['outputFormat', 7, '7'],
		['promptUpsampling', 'yes', '"yes"'],
		['safetyTolerance', -1, 'from 0 to 5'],
		['safetyTolerance', 6, 'from 0 to 5'],
		['safetyTolerance', 2.5, 'whole number'],
		['steps', 0, 'from 1 to 50'],
		['steps', 51, 'from 1 to 50'],
		['steps', 20.5, 'whole number'],
	])('%s = %p is refused before anything is sent', async (name, value, says) => {
		const { error, body } = await submitAt('blackForestLabs', { [name]: value as string });
		expect(error?.message).toContain(`'${labels[name]?.[0]}'`);
		expect(error?.message).toContain(says);
		expect(error?.message).toContain('[item 0]');
		expect(body).toBeUndefined();
	});

	test.each([
		['2048x2048', undefined],
		['2064x2048', '2048*2048'],
		['4096*1024', undefined],
		['1024x1000', '1024*1008'],
		['64x64', undefined],
		['48x64', '64*64'],
	])('the size %s is made, or refused with the nearest one: %p', async (size, nearest) => {
		const { error, body } = await submitAt('blackForestLabs', {}, { size });
		const [width, height] = size.split(/[x*]/).map(Number);
		if (nearest === undefined) expect(body).toMatchObject({ width, height });
		else {
			expect(error?.message).toContain(`'Size' is "${size}"`);
			expect(error?.description).toContain(`The nearest one is ${nearest}. `);
			expect(error?.description).toContain('multiples of 16');
			expect(body).toBeUndefined();
		}
	});

	test('its own size is asked of Width and Height, too', async () => {
		const size = { size: 'custom', width: 1000, height: 1024 };
		const { error } = await submitAt('blackForestLabs', {}, size);
		expect(error?.message).toContain("'Size' is 1000*1024");
		expect(error?.description).toContain('The nearest one is 1008*1024. ');
		expect((await submitAt('novita', {}, size)).body).toMatchObject({ size: '1000*1024' });
	});

	const links = (count: number) => ({
		images: {
			image: [{ url: Array.from({ length: count }, (_, index) => `https://a.example/${index}`) }],
		},
	});

	test('up to eight reference images are taken, elsewhere three', async () => {
		const eight = await submitAt('blackForestLabs', {}, links(8));
		expect(eight.body).toMatchObject({ input_image_8: 'https://a.example/7' });
		for (const [service, count, most] of [
			['blackForestLabs', 9, 8],
			['novita', 4, 3],
		] as const) {
			const { error, body } = await submitAt(service, {}, links(count));
			expect(error?.message).toMatch(new RegExp(`${count} reference images, but .* takes ${most}`));
			expect(body).toBeUndefined();
		}
	});
});
