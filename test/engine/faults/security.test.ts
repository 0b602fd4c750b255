import type { INodeExecutionData } from 'n8n-workflow';

import { readBinary, testCredential } from '../../support/harness';
import type { Fault } from '../../support/simulator';
import { formats } from '../images';
import { useServer } from '../serving';
import {
	apiKey,
	failureOf,
	fluxNode,
	run,
	runWell,
	until,
	useSimulator,
	withoutBackOff,
	type Outcome,
	type Variant,
} from '../workflows';
import { dialects, testedServices, withField, type Json } from '../../support/services';
import { changed, hit, withLink, withValues } from './answers';
import { startOtherHost, type OtherHost } from './otherHost';
import { textsIn, textsWith } from './secrets';
import { watchedNode } from './watchedNode';

const MEGABYTE = 1_000_000;
const FLUX_TYPE = 'n8n-nodes-flux-2-flex.flux2Flex';

const gateway = useServer();
let otherHost: OtherHost;
withoutBackOff();

beforeEach(async () => {
	otherHost = await startOtherHost(formats.png.bytes);
});
afterEach(async () => await otherHost.close());

const shownBy = (result: Outcome) => [
	result.error,
	result.runExecutionData,
	result.logs,
	result.engineLogs,
	result.hints(fluxNode),
];

describe.each(dialects)('$displayName', (dialect) => {
	const service = useSimulator({ drawImage: async () => formats.png.bytes }, dialect);
	const { submit, poll, key } = dialect;

	/** Runs "Submit and Wait" against the simulator with these faults. */
	async function runWith(faults: ReturnType<typeof hit>, variant: Variant = {}): Promise<Outcome> {
		for (const fault of faults) service.faults.add(fault);
		return await run('submitAndWait', { credentials: service.credentials, ...variant });
	}

	describe('the key goes to the origin of the service only', () => {
		const statuses = [301, 302, 303, 307, 308];
		const expectNoKeyElsewhere = () => {
			expect(textsWith(apiKey, otherHost.requests)).toEqual([]);
			for (const { headers } of otherHost.requests) expect(headers[key.header]).toBeUndefined();
		};

		it.each(statuses)('not along a redirect of a submit: %s', async (status) => {
			const location = otherHost.url + submit.path;
			await runWith(hit('submit', 99, { kind: 'redirect', status, location }));
			expect(otherHost.requests).toEqual([]);
		});

		it.each(statuses)('not along a redirect of a question: %s', async (status) => {
			const location = otherHost.url + poll.path;
			await runWith(hit('poll', 99, { kind: 'redirect', status, location }));
			expect(otherHost.requests).toEqual([]);
		});

		it.each(statuses)('not along a redirect of a download: %s', async (status) => {
			const location = `${otherHost.url}/image.png`;
			const { error } = await runWith(hit('download', 99, { kind: 'redirect', status, location }));
			expect(error).toBeUndefined();
			expect(otherHost.requests).toHaveLength(1);
			expectNoKeyElsewhere();
		});

		it('not to another image host', async () => {
			await runWith(hit('poll', 99, withLink(dialect, `${otherHost.url}/image.png`)));
			expect(otherHost.requests).toHaveLength(1);
			expectNoKeyElsewhere();
		});

		it('not even to the service where an image host leads back to it', async () => {
			const back = encodeURIComponent(`${service.url}${poll.path}?${poll.parameter}=1`);
			await runWith(hit('poll', 9, withLink(dialect, `${otherHost.url}/go?${back}`)));
			const ledBack = service.requests.filter(({ query }) => query[poll.parameter] === '1');
			expect(ledBack.length).toBeGreaterThan(0);
			for (const { headers } of ledBack) expect(headers[key.header]).toBeUndefined();
		});
	});

	describe('a base URL that cannot be trusted is refused before anything is sent', () => {
		it.each([
			'ftp://127.0.0.1/',
			'file:///etc/passwd',
			'javascript:alert(1)',
			'data:text/html,hello',
			'//127.0.0.1/',
			'http://',
			'somewhere',
			'http://user:hunter22@{host}/',
			'http://hunter22@{host}/',
			'http://{host}/?hunter22',
			'http://{host}/#hunter22',
		])('%s', async (pattern) => {
			const baseUrl = pattern.replace('{host}', new URL(service.url).host);
			for (const name of ['submit', 'submitAndWait', 'getTaskResult'] as const) {
				const result = await run(name, { credentials: { ...service.credentials, baseUrl } });
				const { message, description } = failureOf(result);
				expect(message).toMatch(/'Base URL' in the credential is not an http\(s\) address.*item 0/);
				expect(description).toContain('without user name, password, query or fragment');
				expect(textsWith('hunter22', shownBy(result))).toEqual([]);
			}
			expect(service.requests).toEqual([]);
		});
	});

	describe('file names from outside become safe ones', () => {
		const SAFE = /^[^\p{Cc}<>:"/\\|?*]+\.png$/u;

		async function expectSafe({ binary }: INodeExecutionData) {
			const { fileName = '', fileExtension, mimeType, directory, id } = binary!.data!;
			expect(fileName).toMatch(SAFE);
			expect(fileName).not.toMatch(/^[.\s]/);
			// What file systems take at most.
			expect(Buffer.byteLength(fileName)).toBeLessThanOrEqual(255);
			// n8n sends the name in a header, encoded like this; it throws for half a character.
			expect(() => encodeURIComponent(fileName)).not.toThrow();
			expect({ fileExtension, mimeType, directory }).toEqual({
				fileExtension: 'png',
				mimeType: 'image/png',
				directory: undefined,
			});
			expect(id).toMatch(
				/^filesystem-v2:workflows\/[\w-]+\/executions\/[\w-]+\/binary_data\/[\w-]+$/,
			);
			expect((await readBinary(binary!.data!)).equals(formats.png.bytes)).toBe(true);
		}

		it.each([
			['up and away', '../../../../tmp/escaped.png'],
			['up and away, the Windows way', '..\\..\\..\\Windows\\escaped.png'],
			['absolute', '/etc/cron.d/escaped.png'],
			['absolute, the Windows way', 'C:\\Windows\\escaped.png'],
			['a share', '\\\\server\\share\\escaped.png'],
			['only dots', '../..'],
			['a hidden file', '.bashrc'],
			['only a folder', 'folder/'],
			['control characters', 'a\u0000b\r\nc\u001bd\u007f.png'],
			['control characters beyond ASCII', 'a\u0085b\u009bc.png'],
			['reserved characters', 'a<b>c:d"e|f?g*h.png'],
			['dots and blanks at the end', 'name . . '],
			['very long', `${'x'.repeat(10_000)}.png`],
			['very long in many bytes', `${'写'.repeat(300)}.png`],
			['a cut through a character', `${'x'.repeat(149)}🦊.png`],
			['half a character', 'half \ud83e.png'],
			['another type', 'image.exe'],
		])('%s', async (_, fileName) => {
			const { items } = await runWell('submitAndWait', {
				credentials: service.credentials,
				input: [{ json: { prompt: 'a fox', fileName } }],
				parameters: { options: { fileName: '={{ $json.fileName }}' } },
			});
			await expectSafe(items[0]!);
		});

		it.each(['../../../../tmp/escaped', 'C:\\escaped', 'a\r\nb\u0000c', '../..', 'x'.repeat(5000)])(
			'a task ID as a name: %j',
			async (taskId) => {
				const imageUrl = `${otherHost.url}/image.png`;
				const result = poll.answer({ status: 'succeeded', taskId, imageUrl });
				const { items, error } = await runWith([
					{ call: 'submit', fault: { kind: 'json', body: submit.reply(taskId) } },
					{ call: 'poll', fault: { kind: 'json', body: result, accept: false } },
				]);
				expect(error).toBeUndefined();
				await expectSafe(items[0]!);
			},
		);
	});

	describe("with n8n's SSRF protection on", () => {
		const METADATA = 'http://169.254.169.254/latest/meta-data';

		it.each(['submit', 'submitAndWait', 'getTaskResult'] as const)(
			'a blocked base URL is a clear error, at once: %s',
			async (name) => {
				const watch = watchedNode();
				const result = await run(name, {
					credentials: service.credentials,
					ssrfProtection: true,
					nodeTypes: { [FLUX_TYPE]: watch.nodeType },
				});
				const { message, description } = failureOf(result);
				expect(message).toContain('could not be reached');
				expect(description).toMatch(/blocked|not allowed|restricted/i);
				expect(Object.values(watch.requests)).toEqual(
					name === 'getTaskResult' ? [0, 1, 0] : [1, 0, 0],
				);
				expect(service.requests).toEqual([]);
			},
		);

		it.each([
			['a blocked image host', () => METADATA],
			['a redirect to a blocked host', () => `${otherHost.url}/go?${encodeURIComponent(METADATA)}`],
		])('%s is a clear error, at once', async (_, link) => {
			const watch = watchedNode();
			const result = await runWith(hit('poll', 99, withLink(dialect, link())), {
				ssrfProtection: { allowedIpRanges: ['127.0.0.1/32'] },
				nodeTypes: { [FLUX_TYPE]: watch.nodeType },
			});
			const { message, description } = failureOf(result);
			expect(message).toContain(service.tasks[0]!.id);
			expect(description).toMatch(/blocked|not allowed|restricted/i);
			expect(watch.requests).toEqual({ submit: 1, poll: 1, download: 1 });
		});
	});

	describe('answers that reach for the prototype of all objects are harmless', () => {
		/** `value` with keys in it that `JSON.parse` makes own properties. */
		const poisoned = (value: unknown) => {
			const poison =
				'{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true},';
			return JSON.parse(JSON.stringify(value).replaceAll(/\{(?=")/g, poison)) as unknown;
		};

		afterEach(() => expect({}).not.toHaveProperty('polluted'));

		it.each([true, false])('in a result (simplified: %s)', async (simplify) => {
			service.faults.add({ call: 'submit', fault: { kind: 'patch', patch: poisoned } });
			const { json, items } = await runWith(hit('poll', 99, changed(poisoned)), {
				parameters: { simplify },
			});
			expect(items).toHaveLength(1);
			expect(Object.getPrototypeOf(json[0])).toBe(Object.prototype);
			expect(json[0]).not.toHaveProperty('polluted');
			expect(Object.keys(json[0]!)).not.toContain('__proto__');
			expect(textsIn(json)).not.toContain('__proto__');
			if (simplify) expect(textsIn(json)).not.toContain('polluted');
		});

		it('in an error', async () => {
			const badKey = dialect.refusals.find(({ means }) => means === 'badKey')!;
			const body = poisoned(badKey.body);
			const { status } = badKey;
			const result = await runWith(hit('submit', 1, { kind: 'status', status, body }));
			expect(failureOf(result).message).toContain('did not accept the API key');
		});

		it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
			'as a word where one is looked up: %s',
			async (word) => {
				const body = {
					code: 400,
					reason: word,
					error: word,
					message: word,
					metadata: word,
					detail: word,
				};
				failureOf(await runWith(hit('submit', 1, { kind: 'status', status: 400, body })));
				service.faults.clear();
				const strange = withValues({ [poll.fields.status]: word });
				const { status } = await runWith(hit('poll', 1, strange));
				expect(status).toBe('success');
			},
		);
	});

	describe('a service that repeats the key does not get it shown', () => {
		// With characters that JSON and links write in more than one way.
		const talkedOf = 'sk/example+key/0123456789==';
		const talkative = useSimulator({ apiKeys: [talkedOf] }, dialect);

		const escapeAll = (text: string) =>
			[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
		const spellings: Array<[string, string]> = [
			['as it is', talkedOf],
			['with slashes escaped, as PHP does', talkedOf.replaceAll('/', '\\/')],
			['with everything escaped', escapeAll(talkedOf)],
		];
		/** Where the key goes in a JSON text: written afterwards, so that nothing spells it anew. */
		const PLACE = 'the-key-goes-here';
		const spelt = (json: Json, spelling: string) =>
			JSON.stringify(json).replaceAll(PLACE, () => spelling);
		const asJson = (text: string): Fault => ({
			kind: 'body',
			contentType: 'application/json',
			bytes: Buffer.from(text),
		});

		async function expectNotShown(name: 'submit' | 'submitAndWait' | 'getTaskResult') {
			const result = await run(name, {
				credentials: { ...talkative.credentials, apiKey: talkedOf },
				parameters: name === 'submit' ? {} : { simplify: false },
			});
			const shown = shownBy(result);
			expect(textsIn(shown).length).toBeGreaterThan(50);
			expect(textsWith(talkedOf, shown)).toEqual([]);
			expect(textsWith(JSON.stringify(talkedOf).slice(1, -1), shown)).toEqual([]);
			return result;
		}

		it.each(spellings)('in the answer to a submit, %s', async (_, spelling) => {
			talkative.faults.add({ call: 'submit', fault: asJson(spelt(submit.reply(PLACE), spelling)) });
			await expectNotShown('submit');
		});

		it.each(spellings)('in a result, %s', async (_, spelling) => {
			const failed = poll.answer({ status: 'failed', taskId: '1', reason: PLACE });
			const text = spelt({ ...failed, [PLACE]: [PLACE] }, spelling);
			talkative.faults.add({ call: 'submit', fault: asJson(JSON.stringify(submit.reply('1'))) });
			talkative.faults.add({ call: 'poll', times: 9, fault: asJson(text) });
			await expectNotShown('submitAndWait');
		});

		it.each(spellings)('in an error, %s', async (_, spelling) => {
			const said = {
				code: 400,
				reason: PLACE,
				error: PLACE,
				message: `got ${PLACE}`,
				detail: PLACE,
			};
			const fault: Fault = { kind: 'status', status: 400, body: spelt(said, spelling) };
			talkative.faults.add({ call: 'submit', fault });
			talkative.faults.add({ call: 'poll', fault });
			await expectNotShown('submitAndWait');
			await expectNotShown('getTaskResult');
		});
	});

	describe('answers cannot fill the memory', () => {
		async function bytesTaken(): Promise<number> {
			await until(() => !otherHost.isBusy());
			return otherHost.bytesSent();
		}
		// What the kernel takes in on both ends although nobody reads it.
		const BUFFERS = 16 * MEGABYTE;

		it.each(['submit', 'getTaskResult'] as const)(
			'an endless answer is cut off after a few MB: %s',
			async (name) => {
				const baseUrl = `${otherHost.url}/endless-service`;
				const result = await run(name, { credentials: { ...service.credentials, baseUrl } });
				expect(failureOf(result).description).toContain('an answer without end');
				const attempts = otherHost.requests.length;
				expect(attempts).toBe(name === 'submit' ? 1 : 5);
				expect(await bytesTaken()).toBeLessThan(attempts * (4 * MEGABYTE + BUFFERS));
			},
		);

		it('a small answer that unpacks to a large one is cut off, too', async () => {
			const baseUrl = `${otherHost.url}/bomb-service`;
			const result = await run('submit', { credentials: { ...service.credentials, baseUrl } });
			expect(failureOf(result).description).toContain('an answer without end');
		});

		it('an endless image is cut off after 50 MB', async () => {
			const result = await runWith(
				hit('poll', 99, withLink(dialect, `${otherHost.url}/endless.png`)),
			);
			expect(failureOf(result).description).toContain('larger than 50 MB');
			expect(otherHost.requests).toHaveLength(1);
			expect(await bytesTaken()).toBeLessThan(50 * MEGABYTE + BUFFERS);
		});

		it.each([
			['an image that announces 100 MB', '/large.png?announced', 'larger than 50 MB'],
			['a refusal without end', '/refusal.png', 'HTTP status 403'],
		])('%s is not read, and its connection is closed', async (_, path, cause) => {
			const result = await runWith(hit('poll', 99, withLink(dialect, otherHost.url + path)));
			expect(failureOf(result).description).toContain(cause);
			expect(await bytesTaken()).toBeLessThan(otherHost.requests.length * BUFFERS);
		});

		it('a small image that unpacks to a large one is cut off, too', async () => {
			const result = await runWith(hit('poll', 99, withLink(dialect, `${otherHost.url}/bomb.png`)));
			expect(failureOf(result).description).toContain('larger than 50 MB');
			expect(otherHost.requests).toHaveLength(1);
		});

		it.each([
			['lists in lists', '['.repeat(1_000_000)],
			['objects in objects', '{"a":'.repeat(500_000)],
			['balanced lists in lists', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
		])('%s are no answer, and no crash', async (_, text) => {
			const bytes = Buffer.from(text);
			const nested: Fault = { kind: 'body', contentType: 'application/json', bytes };
			const { json } = await runWith(hit('poll', 1, nested));
			expect(json).toMatchObject([{ status: 'succeeded' }]);
			service.faults.add({ call: 'submit', fault: nested });
			const result = await run('submit', { credentials: service.credentials });
			expect(failureOf(result).message).toContain('may exist');
		});
	});
});

describe.each(testedServices)('$displayName', ({ id }) => {
	it('gets no key along a redirect of the credential test', async () => {
		let tests = 0;
		gateway.listener = (_, response) => {
			tests++;
			response.writeHead(302, { location: `${otherHost.url}/stolen` }).end();
		};
		const result = await testCredential({ service: id, apiKey, baseUrl: gateway.url });
		expect(result.status).toBe('Error');
		expect(tests).toBe(1);
		expect(otherHost.requests).toEqual([]);
	});
});

describe.each(dialects.filter(({ submit }) => submit.pollingUrl !== undefined))(
	'the link for asking that $displayName gives',
	(dialect) => {
		const service = useSimulator({ pollingUrl: 'regionalHost' }, dialect);
		const { key, submit, poll } = dialect;

		/** The host that each poll of the service was sent to. */
		const pollHosts = () =>
			service.requests.filter(({ call }) => call === 'poll').map(({ headers }) => headers.host);

		it.each([
			['another host', () => `${otherHost.url}${poll.path}?${poll.parameter}=1`],
			['a host that only looks like its own', () => 'https://api.bfl.ai.example.com/v1/get_result'],
			['a user name that looks like its host', () => `https://api.bfl.ai@127.0.0.1/v1/get_result`],
			['its own host without encryption', () => 'http://api.bfl.ai/v1/get_result?id=1'],
			['its own host at another port', () => 'https://api.bfl.ai:8443/v1/get_result?id=1'],
			['a file', () => 'file:///etc/passwd'],
			['nothing that is an address', () => 'somewhere'],
			['no text', () => 7],
		])('does not get the key where it leads to %s', async (_, link) => {
			service.faults.add({
				call: 'submit',
				fault: changed((reply) => withField(reply, submit.pollingUrl ?? '', link())),
			});
			const watch = watchedNode();
			const { error, json } = await run('submitAndWait', {
				credentials: service.credentials,
				nodeTypes: { [FLUX_TYPE]: watch.nodeType },
			});
			expect(error).toBeUndefined();
			expect(json).toMatchObject([{ status: 'succeeded' }]);
			expect(otherHost.requests).toEqual([]);
			// What was asked was asked at the service: nothing else was tried.
			expect(pollHosts()).toHaveLength(watch.requests.poll);
			expect(new Set(pollHosts())).toEqual(new Set([new URL(service.url).host]));
		});

		it('does not get the key where an item brings it', async () => {
			const result = await run('getTaskResult', {
				credentials: service.credentials,
				input: [{ json: { task_id: `${otherHost.url}${poll.path}?${poll.parameter}=1` } }],
			});
			expect(failureOf(result).message).toContain("'Task ID'");
			expect(otherHost.requests).toEqual([]);
			expect(service.requests).toEqual([]);
		});

		it('is not followed to the second host of a gateway, which could be anybody', async () => {
			const { json } = await runWell('submitAndWait', { credentials: service.credentials });
			expect(json).toMatchObject([{ status: 'succeeded' }]);
			expect(new Set(pollHosts())).toEqual(new Set([new URL(service.url).host]));
			for (const { call, headers } of service.requests) {
				expect(key.header in headers).toBe(call !== 'download');
			}
		});
	},
);
