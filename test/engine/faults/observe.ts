import { readBinary } from '../../support/harness';
import { fieldOf } from '../../support/services';
import { startSimulator, type Simulator } from '../../support/simulator';
import { formats } from '../../support/images';
import { fluxNode, prompts, start, type Outcome } from '../workflows';
import { startCompanyProxy } from './companyProxy';
import { brokenFields } from './contractOfItems';
import type { FaultRow } from './faultRow';
import { startGate } from './gate';
import { startOtherHost, type OtherHost } from './otherHost';
import { textsIn, textsWith } from './secrets';
import { watchedNode, type Watch } from './watchedNode';

/** The key of every run: unlike anything else that could turn up in a text. */
export const key = 'sk-example-key-0123456789';

/** What was seen of a row that was run. */
export interface Observation {
	row: FaultRow;
	/** The error's message, undefined without an error. */
	message?: string;
	/** The error's description: the way out. */
	description?: string;
	/** Accepted tasks. */
	billed: number;
	/** Ids of the accepted tasks. */
	taskIds: string[];
	/** Items with the image that is theirs, whole. */
	images: number;
	/** Items that come out without an image. */
	otherItems: number;
	/** Fields of items that are not as promised. */
	brokenFields: string[];
	/** Requests the node made of the row's call. */
	requests: number;
	/** Requests of the row's call that the service heard. */
	heard: number;
	/** Milliseconds from the first heard request of the call to the second. */
	firstWait?: number;
	/** Texts in errors, logs, hints and items that have the key in them. */
	leaks: string[];
	/** How many texts were searched for it. */
	textsSearched: number;
	/** What hosts other than the service, and the service's public links, heard of the key. */
	strayed: string[];
	/** Requests to the other host, apart from those for public images. */
	calledElsewhere: string[];
}

/** Milliseconds after which a row that hangs is canceled, and so fails. */
const LONGEST_RUN = 180_000;

const prompt = (itemIndex: number) => `image ${itemIndex}`;

/** An image larger than what arrives at once, different for every prompt. */
const imageOf = (text: string) =>
	Buffer.concat([formats.png.bytes, Buffer.alloc(100_000, 'p'), Buffer.from(text)]);

/** Runs a row on n8n's engine against a service of its own. */
export async function observe(row: FaultRow): Promise<Observation> {
	const service = await startSimulator({
		apiKeys: [key],
		drawImage: async ({ prompt: text }) => imageOf(text),
	});
	const otherHost = await startOtherHost(imageOf(prompt(0)));
	const gate = await startGate(service.url);
	try {
		const places = { service: service.url, otherHost: otherHost.url };
		const isHit = (call: string, number: number) => call === row.call && number <= row.times;
		const watch = watchedNode({
			speedOf: (call, number) => (isHit(call, number) ? (row.speed ?? 1) : 1),
			before: async (call, number) => {
				if (row.closedPort) await (isHit(call, number) ? gate.close() : gate.open());
			},
		});
		const taskId = row.operation === 'getTaskResult' ? await payBefore(row, service) : undefined;
		for (const fault of row.faults?.(places) ?? []) service.faults.add(fault);
		const execution = start(row.operation ?? 'submitAndWait', {
			credentials: {
				service: row.service.id,
				apiKey: key,
				baseUrl: row.baseUrl?.(places) ?? (row.closedPort ? gate.url : service.url),
			},
			input: taskId
				? [{ json: { task_id: taskId } }]
				: prompts(...Array.from({ length: row.items ?? 1 }, (_, index) => prompt(index))),
			parameters: { options: row.options ?? {} },
			node: row.node,
			nodeTypes: { 'n8n-nodes-flux-2-flex.flux2Flex': watch.nodeType },
		});
		const giveUp = setTimeout(execution.cancel, LONGEST_RUN);
		const result = await execution.result.finally(() => clearTimeout(giveUp));
		return await describe(row, result, watch, service, otherHost);
	} finally {
		await Promise.all([gate.close(), otherHost.close(), service.close()]);
	}
}

/** A task of an earlier run. */
async function payBefore(
	{ service: { key: keyHeader, submit } }: FaultRow,
	{ url, requests }: Simulator,
): Promise<string> {
	const order = { prompt: prompt(0) };
	const response = await fetch(url + submit.address(order).path, {
		method: 'POST',
		headers: {
			[keyHeader.header]: keyHeader.value(key),
			'content-type': 'application/json',
		},
		body: JSON.stringify(submit.body(order)),
	});
	const taskId = String(fieldOf(await response.json(), submit.taskId));
	requests.length = 0;
	return taskId;
}

async function describe(
	row: FaultRow,
	result: Outcome,
	watch: Watch,
	service: Simulator,
	otherHost: OtherHost,
): Promise<Observation> {
	const error = result.error as { message?: string; description?: string } | undefined;
	const heard = service.requests.filter(({ call }) => call === row.call);
	const [first, second] = heard;
	const shown = [
		result.error,
		result.runExecutionData,
		result.logs,
		result.engineLogs,
		result.hints(fluxNode),
	];
	const downloads = service.requests.filter(({ call }) => call === 'download');
	const images = await countImages(result);
	return {
		row,
		message: error?.message,
		description: error?.description,
		billed: service.tasks.length,
		taskIds: service.tasks.map(({ id }) => id),
		images,
		otherItems: result.items.length - images,
		brokenFields: result.json.flatMap(brokenFields),
		requests: watch.requests[row.call],
		heard: heard.length,
		firstWait: first && second && second.at - first.at,
		leaks: textsWith(key, shown),
		textsSearched: textsIn(shown).length,
		strayed: textsWith(key, [otherHost.requests, downloads]),
		calledElsewhere: otherHost.requests
			.map(({ url }) => url)
			.filter((url) => !/^\/(image|large|endless|compressed)\.png|^\/(circle|login)$/.test(url)),
	};
}

async function countImages({ items }: Outcome): Promise<number> {
	let count = 0;
	for (const [index, { binary, pairedItem }] of items.entries()) {
		if (!binary?.data) continue;
		const bytes = await readBinary(binary.data);
		const isOwn = bytes.equals(imageOf(prompt(index)));
		if (isOwn && JSON.stringify(pairedItem) === JSON.stringify({ item: index })) count++;
	}
	return count;
}

/** Runs all rows, several at a time since most of them wait; in the order of the rows. */
export async function observeAll(rows: FaultRow[], atATime: number): Promise<Observation[]> {
	const observations: Observation[] = [];
	// Those that take longest come first.
	const waiting = [...rows.entries()].sort(([, a], [, b]) => (b.speed ?? 0) - (a.speed ?? 0));
	const worker = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			const [index, row] = next;
			observations[index] = await observe(row);
		}
	};
	const stopProxy = await startCompanyProxy();
	await Promise.all(Array.from({ length: atATime }, worker)).finally(stopProxy);
	return observations;
}
