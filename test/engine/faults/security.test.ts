import { readBinary } from '../../support/harness';
import { formats } from '../../support/images';
import { dialects, novita, resultRequest, withFields, type Json } from '../../support/services';
import type { Fault } from '../../support/simulator';
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
import { changed, hit, withLink, withValues } from './answers';
import { startOtherHost, type OtherHost } from './otherHost';
import { textsIn, textsWith } from './secrets';
import { watchedNode } from './watchedNode';

const MEGABYTE = 1_000_000;
const FLUX_TYPE = 'n8n-nodes-flux-2-flex.flux2Flex';
/** What the kernel takes in on both ends although nobody reads it. */
const BUFFERS = 16 * MEGABYTE;

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

/** A simulator, and a run of "Submit and Wait" against it with faults. */
function useFaultyService(dialect = novita, options: Parameters<typeof useSimulator>[0] = {}) {
	const service = useSimulator({ drawImage: async () => formats.png.bytes, ...options }, dialect);
	return {
		service,
		async runWith(faults: ReturnType<typeof hit>, variant: Variant = {}): Promise<Outcome> {
			for (const fault of faults) service.faults.add(fault);
			return await run('submitAndWait', { credentials: service.credentials, ...variant });
		},
	};
}

describe.each(dialects)('The key of $displayName', (dialect) => {
	const { key, poll, submit } = dialect;
	const { service, runWith } = useFaultyService(dialect);

	// Of other statuses see the matrix.
	it.each([
		['submit', 301, submit.address({ prompt: 'a' }).path, 0],
		['poll', 303, poll.requests('1')[0]!.path, 0],
		['download', 301, '/image.png', 1],
	] as const)('does not go along a redirect of a %s with %i', async (call, status, path, heard) => {
		await runWith(hit(call, 99, { kind: 'redirect', status, location: otherHost.url + path }));
		expect(otherHost.requests).toHaveLength(heard);
		expect(textsWith(apiKey, otherHost.requests)).toEqual([]);
		for (const { headers } of otherHost.requests) expect(headers[key.header]).toBeUndefined();
	});

	it('does not even go to the service where an image host leads back to it', async () => {
		const { call, path } = resultRequest(dialect, '1');
		const back = encodeURIComponent(`${service.url}${path}?led=back`);
		await runWith(hit(call, 9, withLink(dialect, `${otherHost.url}/go?${back}`)));
		const ledBack = service.requests.filter(({ query }) => query.led === 'back');
		expect(ledBack.length).toBeGreaterThan(0);
		for (const { headers } of ledBack) expect(headers[key.header]).toBeUndefined();
	});
});

describe.each(dialects)(
	'The key that $displayName repeats is not shown',
	({ submit, poll, ...dialect }) => {
		// With characters that JSON and links write in more than one way.
		const talkedOf = 'sk/example+key/0123456789==';
		const service = useSimulator({ apiKeys: [talkedOf] }, { submit, poll, ...dialect });
		const escapeAll = (text: string) =>
			[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
		/** Where the key goes in a JSON text: written afterwards, so that nothing spells it anew. */
		const PLACE = 'the-key-goes-here';

		it.each([
			['as it is', talkedOf],
			['with slashes escaped, as PHP does', talkedOf.replaceAll('/', '\\/')],
			['with everything escaped', escapeAll(talkedOf)],
		])('when it is spelt %s', async (_, spelling) => {
			const spelt = (json: Json) => JSON.stringify(json).replaceAll(PLACE, () => spelling);
			const asJson = (json: Json): Fault => ({
				kind: 'body',
				contentType: 'application/json',
				bytes: Buffer.from(spelt(json)),
			});
			const said = { reason: PLACE, error: PLACE, message: `got ${PLACE}`, detail: PLACE };
			const failed = poll.answer({ status: 'failed', taskId: '1', reason: PLACE });
			const refusal: Fault = { kind: 'status', status: 400, body: spelt({ code: 400, ...said }) };
			for (const [name, onSubmit, onPoll] of [
				['submit', refusal],
				['submit', asJson(submit.reply(PLACE))],
				['submitAndWait', asJson(submit.reply('1')), asJson({ ...failed, [PLACE]: [PLACE] })],
			] as const) {
				service.faults.add({ call: 'submit', fault: onSubmit });
				const over = poll.standing?.({ status: 'failed', taskId: '1' });
				for (const { call } of poll.requests('1')) {
					const isLast = call === poll.requests('1').at(-1)?.call;
					const fault = isLast ? onPoll : over && asJson(over);
					if (fault) service.faults.add({ call, times: 9, fault });
				}
				const result = await run(name, {
					credentials: { ...service.credentials, apiKey: talkedOf },
					parameters: name === 'submit' ? {} : { simplify: false },
				});
				const shown = shownBy(result);
				expect(textsIn(shown).length).toBeGreaterThan(50);
				expect(textsWith(talkedOf, shown)).toEqual([]);
				expect(textsWith(JSON.stringify(talkedOf).slice(1, -1), shown)).toEqual([]);
			}
		});
	},
);

describe.each(dialects)('What $displayName answers is harmless', ({ poll, ...dialect }) => {
	const { service, runWith } = useFaultyService({ poll, ...dialect });
	/** `value` with keys in it that `JSON.parse` makes own properties. */
	const poisoned = (value: unknown) => {
		const poison =
			'{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":{"polluted":true},';
		return JSON.parse(JSON.stringify(value).replaceAll(/\{(?=")/g, poison)) as unknown;
	};

	it.each([true, false])(
		'when it reaches for the prototype of all objects (simplified: %s)',
		async (simplify) => {
			service.faults.add({ call: 'submit', fault: { kind: 'patch', patch: poisoned } });
			const { json, items } = await runWith(hit('poll', 99, changed(poisoned)), {
				parameters: { simplify },
			});
			expect({}).not.toHaveProperty('polluted');
			expect(items).toHaveLength(1);
			expect(Object.getPrototypeOf(json[0])).toBe(Object.prototype);
			expect(json[0]).not.toHaveProperty('polluted');
			expect(textsIn(json)).not.toContain('__proto__');
			if (simplify) expect(textsIn(json)).not.toContain('polluted');
		},
	);

	it.each(['__proto__', 'constructor'])('when a word that is looked up is %s', async (word) => {
		const said = { reason: word, error: word, message: word, metadata: word, detail: word };
		const body = { code: 400, ...said };
		failureOf(await runWith(hit('submit', 1, { kind: 'status', status: 400, body })));
		const strange = withValues({ [poll.fields.status]: word });
		const { status } = await runWith(hit('poll', 1, strange));
		expect(status).toBe('success');
	});
});

describe('A base URL that cannot be trusted', () => {
	const { service } = useFaultyService();

	it.each([
		['submit', 'file:///etc/hunter22'],
		['submitAndWait', 'javascript:alert("hunter22")'],
		['submit', 'http://user:hunter22@{host}/'],
		['submitAndWait', 'http://{host}/?hunter22'],
		['getTaskResult', 'http://{host}/#hunter22'],
	] as const)('stops %s before anything is sent, and is not shown: %s', async (name, pattern) => {
		const baseUrl = pattern.replace('{host}', new URL(service.url).host);
		const result = await run(name, { credentials: { ...service.credentials, baseUrl } });
		const { message, description } = failureOf(result);
		expect(message).toMatch(/'Base URL' in the credential is not an http\(s\) address.*item 0/);
		expect(description).toContain('without user name, password, query or fragment');
		expect(textsWith('hunter22', shownBy(result))).toEqual([]);
		expect(service.requests).toEqual([]);
	});
});

describe('A file name from outside becomes a safe one', () => {
	const { service, runWith } = useFaultyService();

	async function expectSafe({ items: [item] }: Outcome) {
		const data = item!.binary!.data!;
		const { fileName = '', fileExtension, mimeType, directory, id } = data;
		expect(fileName).toMatch(/^[^\p{Cc}<>:"/\\|?*.\s][^\p{Cc}<>:"/\\|?*]*\.png$/u);
		// What file systems take at most.
		expect(Buffer.byteLength(fileName)).toBeLessThanOrEqual(255);
		// n8n sends the name in a header, encoded like this; it throws for half a character.
		expect(() => encodeURIComponent(fileName)).not.toThrow();
		expect([fileExtension, mimeType, directory]).toEqual(['png', 'image/png', undefined]);
		expect(id).toMatch(
			/^filesystem-v2:workflows\/[\w-]+\/executions\/[\w-]+\/binary_data\/[\w-]+$/,
		);
		expect((await readBinary(data)).equals(formats.png.bytes)).toBe(true);
	}

	// Many more are tested with the function that makes them.
	it.each([
		['leads away', '../../../../tmp/escaped.png'],
		['has control characters beyond ASCII', 'a\u0085b\u009bc.png'],
		['is very long in many bytes', `${'写'.repeat(300)}.png`],
		['is to be cut through a character', `${'x'.repeat(149)}🦊.png`],
		['has half a character', 'half \ud83e.png'],
		['ends in dots and blanks', 'name . . '],
	])('when it %s', async (_, fileName) => {
		const outcome = await runWell('submitAndWait', {
			credentials: service.credentials,
			input: [{ json: { prompt: 'a fox', fileName } }],
			parameters: { options: { fileName: '={{ $json.fileName }}' } },
		});
		await expectSafe(outcome);
	});

	it('when it is a task ID', async () => {
		const taskId = '../C:\\a\r\nb\u0000c';
		const imageUrl = `${otherHost.url}/image.png`;
		const body = novita.poll.answer({ status: 'succeeded', taskId, imageUrl });
		const outcome = await runWith([
			{ call: 'submit', fault: { kind: 'json', body: novita.submit.reply(taskId) } },
			{ call: 'poll', fault: { kind: 'json', body, accept: false } },
		]);
		expect(outcome.error).toBeUndefined();
		await expectSafe(outcome);
	});
});

describe("With n8n's SSRF protection on,", () => {
	const METADATA = 'http://169.254.169.254/latest/meta-data';
	const { service, runWith } = useFaultyService();

	it.each(['submit', 'submitAndWait', 'getTaskResult'] as const)(
		'a blocked base URL is a clear error, at once, of %s',
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
			const made = name === 'getTaskResult' ? { poll: 1 } : { submit: 1 };
			expect(watch.requests).toEqual({ submit: 0, poll: 0, result: 0, download: 0, ...made });
			expect(service.requests).toEqual([]);
		},
	);

	it.each([
		['a blocked image host', () => METADATA],
		['a redirect to a blocked host', () => `${otherHost.url}/go?${encodeURIComponent(METADATA)}`],
	])('%s is a clear error, at once', async (_, link) => {
		const watch = watchedNode();
		const result = await runWith(hit('poll', 99, withLink(novita, link())), {
			ssrfProtection: { allowedIpRanges: ['127.0.0.1/32'] },
			nodeTypes: { [FLUX_TYPE]: watch.nodeType },
		});
		const { message, description } = failureOf(result);
		expect(message).toContain(service.tasks[0]!.id);
		expect(description).toMatch(/blocked|not allowed|restricted/i);
		expect(watch.requests).toEqual({ submit: 1, poll: 1, result: 0, download: 1 });
	});
});

describe('The memory is not filled by', () => {
	const { service, runWith } = useFaultyService();

	async function expectFewBytes(attempts: number, limit: number) {
		expect(otherHost.requests).toHaveLength(attempts);
		await until(() => !otherHost.isBusy());
		expect(otherHost.bytesSent()).toBeLessThan(attempts * (limit + BUFFERS));
	}

	it.each([
		['an answer without end', 'submit', '/endless-service', 1],
		['an answer without end', 'getTaskResult', '/endless-service', 5],
		['a small answer that unpacks to a large one', 'submit', '/bomb-service', 1],
	] as const)('%s in %s', async (_, name, path, attempts) => {
		const credentials = { ...service.credentials, baseUrl: otherHost.url + path };
		const result = await run(name, { credentials });
		expect(failureOf(result).description).toContain('an answer without end');
		await expectFewBytes(attempts, 4 * MEGABYTE);
	});

	it.each([
		['an image without end', '/endless.png', 'larger than 50 MB', 1, 50 * MEGABYTE],
		['an image that announces 100 MB', '/large.png?announced', 'larger than 50 MB', 1, 0],
		['a refusal without end', '/refusal.png', 'HTTP status 403', 4, 0],
		['a small image that unpacks to a large one', '/bomb.png', 'larger than 50 MB', 1, 0],
	])('%s', async (_, path, cause, attempts, limit) => {
		const result = await runWith(hit('poll', 99, withLink(novita, otherHost.url + path)));
		expect(failureOf(result).description).toContain(cause);
		await expectFewBytes(attempts, limit);
	});

	it.each([
		['lists in lists', '['.repeat(1_000_000)],
		['objects in objects', '{"a":'.repeat(500_000)],
		['balanced lists in lists', '['.repeat(1_000_000) + ']'.repeat(1_000_000)],
	])('%s, which are no answer, and no crash', async (_, text) => {
		const bytes = Buffer.from(text);
		const nested: Fault = { kind: 'body', contentType: 'application/json', bytes };
		const { json } = await runWith(hit('poll', 1, nested));
		expect(json).toMatchObject([{ status: 'succeeded' }]);
		const result = await runWith(hit('submit', 1, nested));
		expect(failureOf(result).message).toContain('may exist');
	});
});

describe.each(dialects.filter(({ submit }) => submit.links.length > 0))(
	'The links for asking that $displayName gives',
	(dialect) => {
		const { service, runWith } = useFaultyService(dialect, { pollingUrl: 'regionalHost' });

		// Which hosts get the key is tested with the function that decides it.
		it.each([
			['to a second host of a gateway, which could be anybody', undefined],
			['to another host', () => `${otherHost.url}${resultRequest(dialect, '1').path}?id=1`],
			['where it is no text', () => 7],
		])('are not followed %s', async (_, link) => {
			const { links } = dialect.submit;
			const fault = changed((reply) =>
				link ? withFields(reply, Object.fromEntries(links.map((name) => [name, link()]))) : reply,
			);
			const watch = watchedNode();
			const { error, json } = await runWith(hit('submit', 1, fault), {
				nodeTypes: { [FLUX_TYPE]: watch.nodeType },
			});
			expect(error).toBeUndefined();
			expect(json).toMatchObject([{ status: 'succeeded' }]);
			expect(otherHost.requests).toEqual([]);
			// What was asked was asked at the service: nothing else was tried.
			const polls = service.requests.filter(({ call }) => call === 'poll');
			expect(polls).toHaveLength(watch.requests.poll);
			const hosts = new Set(polls.map(({ headers }) => headers.host));
			expect(hosts).toEqual(new Set([new URL(service.url).host]));
			for (const { call, headers } of service.requests) {
				expect(dialect.key.header in headers).toBe(call !== 'download');
			}
		});
	},
);
