import type { INodeProperties } from 'n8n-workflow';

import {
	maxConcurrentTasks,
	timeout,
	TOOL_LINK_DAYS,
} from '../../nodes/Flux2Flex/description/options';
import { MAX_REFERENCE_MEGABYTES, seed, width } from '../../nodes/Flux2Flex/description/request';
import { MAX_AT_A_TIME } from '../../nodes/Flux2Flex/operations/getTaskResult';
import { PATIENCE } from '../../nodes/Flux2Flex/operations/submit';
import { MAX_DOWNLOADS } from '../../nodes/Flux2Flex/operations/submitAndWait';
import {
	DOWNLOAD_TIME_LIMIT,
	MAX_ATTEMPTS as MAX_DOWNLOAD_ATTEMPTS,
	MAX_IMAGE_BYTES,
} from '../../nodes/Flux2Flex/output/downloadImage';

import { SIGNED_URL_LIFE } from '../../nodes/Flux2Flex/read/referenceImages';
import { SOON } from '../../nodes/Flux2Flex/run/hints';
import { blackForestLabs, LINK_SECONDS } from '../../nodes/Flux2Flex/services/blackForestLabs';
import { falAi } from '../../nodes/Flux2Flex/services/falAi';
import { jieKou } from '../../nodes/Flux2Flex/services/jieKou';
import { novita } from '../../nodes/Flux2Flex/services/novita';
import { replicate } from '../../nodes/Flux2Flex/services/replicate';
import { MAX_REFUSALS_IN_A_ROW, MAX_UNANSWERED } from '../../nodes/Flux2Flex/submit/submitQueue';
import {
	MAX_ATTEMPTS as MAX_SUBMIT_ATTEMPTS,
	MAX_UNCONFIRMED_ATTEMPTS,
	SUBMIT_TIME_LIMIT,
} from '../../nodes/Flux2Flex/submit/submitTask';
import { SHORTEST_SECRET } from '../../nodes/Flux2Flex/transport/redact';
import { MAX_WORDS_LENGTH } from '../../nodes/Flux2Flex/transport/stranger';
import { MAX_ANSWER_BYTES } from '../../nodes/Flux2Flex/transport/transport';
import {
	MAX_ATTEMPTS as MAX_POLL_ATTEMPTS,
	MAX_LOOKS_AT_END,
	MAX_RETRY_AFTER,
	POLL_TIME_LIMIT,
} from '../../nodes/Flux2Flex/wait/askForTask';
import { nextPollDelay, TaskDurations } from '../../nodes/Flux2Flex/wait/pollSchedule';
import { UNKNOWN_TASK_GRACE } from '../../nodes/Flux2Flex/wait/waitForTask';
import { readText } from './markdown';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const imageMegabytes = MAX_IMAGE_BYTES / 1e6;
const answerMegabytes = MAX_ANSWER_BYTES / 2 ** 20;
const signedLinkHours = Number(/^(\d+) hours$/.exec(SIGNED_URL_LIFE)?.[1]);
const linkMinutes = LINK_SECONDS / 60;
/** Whole numbers of so many digits are exact, whichever they are. */
const exactDigits = String(Number.MAX_SAFE_INTEGER).length - 1;
const fewImages = novita.maxReferenceImages;
const manyImages = blackForestLabs.maxReferenceImages;
const activeTasks = blackForestLabs.maxActiveTasks ?? NaN;
const { minSide, maxSide } = novita.size;
const largeSize = blackForestLabs.size;
const megapixels = largeSize.maxPixels / 2 ** 20;
const { size: sizeOfReplicate, maxInlineBytes = NaN } = replicate;
const sidesOfReplicate = [
	sizeOfReplicate.minSide,
	sizeOfReplicate.maxSide,
	sizeOfReplicate.multipleOf,
];
const inlineMegabytes = maxInlineBytes / 1e6;
const largestSquare = Math.sqrt(largeSize.maxPixels);

function limits({ typeOptions }: INodeProperties): [number, number] {
	return [typeOptions?.minValue ?? NaN, typeOptions?.maxValue ?? NaN];
}

const ownOption = (wanted: string, { ownOptions } = blackForestLabs) =>
	ownOptions.find(({ name }) => name === wanted) as INodeProperties;

const defaults = (wanted: string) =>
	[blackForestLabs, falAi, replicate].map((service) => Number(ownOption(wanted, service).default));

/** Requests for a single task, when nothing is known of how long tasks take. */
function requestsFor(duration: number): number {
	let elapsed = 0;
	for (let requests = 0; ; requests++) {
		if (elapsed >= duration) return requests;
		const durations = new TaskDurations();
		elapsed += nextPollDelay({ elapsed, fixedInterval: 0, durations, offset: 0 });
	}
}

/** A sentence of a page with `#` for each figure, and what the figures must be. */
type Row = [sentence: string, ...figures: number[]];

/** The fields that the pages of both operations which submit have. */
const ofSubmits: Row[] = [
	['as many as the service takes: #, # or #', fewImages, manyImages, falAi.maxReferenceImages],
	['From 0 to #:', seed.typeOptions.maxValue],
	['again, up to # more times', MAX_UNCONFIRMED_ATTEMPTS - 1],
	[
		'follows the prompt, from # to #. Unset: #, at fal.ai #, at Replicate #',
		...limits(ownOption('guidance')),
		...defaults('guidance'),
	],
	[
		'lets pass, from # (# at fal.ai and Replicate: strict) to # (least strict)',
		limits(ownOption('safetyTolerance'))[0],
		...limits(ownOption('safetyTolerance', falAi)),
	],
	[
		'is refined, from # (# at fal.ai) to #. Fewer steps are faster. Unset: #, at fal.ai #, at Replicate #',
		limits(ownOption('steps'))[0],
		...limits(ownOption('steps', falAi)),
		...defaults('steps'),
	],
];

const rowsOf: Record<string, Row[]> = {
	'README.md': [
		['link lives | # minutes |', linkMinutes],
		['# active tasks an account', activeTasks],
		['sides from # to # pixels |', minSide, maxSide],
		['sides from # to # pixels in multiples of #', ...sidesOfReplicate],
		[
			'sides of # pixels or more in multiples of #, # megapixels',
			largeSize.minSide,
			largeSize.multipleOf,
			megapixels,
		],
		['sides of # pixels or more, # megapixels', falAi.size.minSide, megapixels],
		['not finished within # seconds', timeout.default],
	],
	'SECURITY.md': [
		['from a length of # characters on', SHORTEST_SECRET],
		['at most the first # characters', MAX_WORDS_LENGTH],
		['cut off at # MB, an image at # MB', answerMegabytes, imageMegabytes],
		['valid for # hours', signedLinkHours],
		['valid for # days', TOOL_LINK_DAYS],
	],
	'docs/submit-and-wait.md': [
		...ofSubmits,
		['streamed, up to # MB', imageMegabytes],
		['work on at a time, # to #.', ...limits(maxConcurrentTasks)],
		['from its acceptance, # to #.', ...limits(timeout)],
		[
			'Each side | # pixels or more, in multiples of # | # pixels or more | # to # pixels, in multiples of # | # to # pixels',
			largeSize.minSide,
			largeSize.multipleOf,
			falAi.size.minSide,
			...sidesOfReplicate,
			minSide,
			maxSide,
		],
		[
			'# megapixels (# pixels, e.g. # × #) | # megapixels',
			megapixels,
			largeSize.maxPixels,
			largestSquare,
			largestSquare,
			falAi.size.maxPixels / 2 ** 20,
		],
		['The presets reach # megapixels', megapixels],
		['valid for # days', TOOL_LINK_DAYS],
		['take # to # pixels in the form', ...limits(width)],
		['In the first # seconds', UNKNOWN_TASK_GRACE / SECOND],
		['is looked at # times', MAX_LOOKS_AT_END],
		['end after # minutes', linkMinutes],
	],
	'docs/get-task-result.md': [
		['valid for # days', TOOL_LINK_DAYS],
		['# are asked for and downloaded at a time', MAX_AT_A_TIME],
		['streamed, up to # MB', imageMegabytes],
		['asks up to # times', MAX_POLL_ATTEMPTS],
		['not more than # minute', MAX_RETRY_AFTER / MINUTE],
		['the node looks # times', MAX_LOOKS_AT_END],
		['end after # minutes', linkMinutes],
		['more than # digits', exactDigits],
	],
	'docs/submit.md': [...ofSubmits, ['more than # digits', exactDigits]],
	'docs/reference-images.md': [
		['up to # of them', fewImages],
		['Black Forest Labs up to #,', manyImages],
		['fal.ai and Replicate up to #,', falAi.maxReferenceImages],
		['Files of # MB together', inlineMegabytes],
		['have at most # MB', MAX_REFERENCE_MEGABYTES],
		['The limit of # MB', MAX_REFERENCE_MEGABYTES],
		['valid for # hours', signedLinkHours],
	],
	'docs/ai-agents.md': [
		['this link ends after # minutes', linkMinutes],
		['valid for # days', TOOL_LINK_DAYS],
	],
	'docs/cost-safety.md': [
		['Sends again, up to # more times', MAX_SUBMIT_ATTEMPTS - 1],
		['Looks # times', MAX_LOOKS_AT_END],
		['tries again, up to # more times', MAX_DOWNLOAD_ATTEMPTS - 1],
		['at most # times for a first task of # seconds', requestsFor(10 * SECOND), 10],
		['# images are downloaded at a time', MAX_DOWNLOADS],
		['up to # times in all', MAX_UNCONFIRMED_ATTEMPTS],
	],
	'docs/recipes.md': [
		['take # images, Black Forest Labs #,', fewImages, manyImages],
		['fal.ai and Replicate #.', falAi.maxReferenceImages],
		['submits up to # tasks without waiting', MAX_UNANSWERED],
		['Max Concurrent Tasks (#) at the service', maxConcurrentTasks.default],
		['refuses # times in a row', MAX_REFUSALS_IN_A_ROW],
		['(in Submit: than # minutes)', PATIENCE / MINUTE],
		['# active tasks an account. # leaves room', activeTasks, maxConcurrentTasks.default],
		['two with Max Concurrent Tasks #.', activeTasks / 2],
		[
			'# MB are # MB of text, for up to # submits',
			MAX_REFERENCE_MEGABYTES,
			// Base64 has four letters for three bytes.
			Math.round((MAX_REFERENCE_MEGABYTES * 4) / 3),
			MAX_UNANSWERED,
		],
	],
	'docs/scaling.md': [
		['Max Concurrent Tasks (#) counts', maxConcurrentTasks.default],
		['# executions on a worker may have # tasks', 10, 10 * maxConcurrentTasks.default],
		['# active tasks an account', activeTasks],
		['images of up to # MB', imageMegabytes],
	],
	'docs/durable-workflows.md': [['valid for # hours', signedLinkHours]],
	'docs/troubleshooting.md': [
		['Its first # characters follow', MAX_WORDS_LENGTH],
		['asked # times', MAX_POLL_ATTEMPTS],
		['to wait for more than # minute', MAX_RETRY_AFTER / MINUTE],
		['not finished within # seconds', timeout.default],
		['The node looked # times', MAX_LOOKS_AT_END],
		['not a multiple of # (Black', largeSize.multipleOf],
		['from # to #, but is', ...limits(seed)],
		['more than # digits', exactDigits],
		['# reference images, but Novita AI takes # at most', fewImages + 1, fewImages],
		['Black Forest Labs, which takes #.', manyImages],
		['Replicate takes # MB at most', inlineMegabytes],
		['More than # MB.', MAX_REFERENCE_MEGABYTES],
		[
			'# seconds for a submit (more with large images in it), # for',
			SUBMIT_TIME_LIMIT / SECOND,
			POLL_TIME_LIMIT / SECOND,
		],
		['More than # MB: that is no answer', answerMegabytes],
		['the file is larger than # MB', imageMegabytes],
		['A download of more than # minutes', DOWNLOAD_TIME_LIMIT / MINUTE],
		['ends within # day', SOON / (24 * 60 * MINUTE)],
	],
};

const words = 'zero a two three four five six seven eight nine ten'.split(' ');
const FIGURE = `(?:-?\\d[\\d,]*(?:\\.\\d+)?|\\b(?:${words.join('|')})\\b)`;

function valueOf(figure: string): number {
	const word = words.indexOf(figure.toLowerCase());
	return word === -1 ? Number(figure.replaceAll(',', '')) : word;
}

function patternOf(sentence: string): RegExp {
	const parts = sentence.split('#').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return new RegExp(parts.join(`(${FIGURE})`), 'gd');
}

const rows = Object.entries(rowsOf).flatMap(([page, ofPage]) =>
	ofPage.map(([sentence, ...figures]) => ({ page, sentence, figures })),
);

test.each(rows)(
	'In $page, “$sentence” has the figures of the source',
	({ page, sentence, figures }) => {
		const found = [...readText(page).matchAll(patternOf(sentence))];
		expect(found.length).toBeGreaterThan(0);
		for (const [, ...written] of found) expect(written.map(valueOf)).toEqual(figures);
	},
);

test('Replicate takes as many reference images as fal.ai, and JieKou.AI is as Novita AI: pages name them together', () => {
	expect(replicate.maxReferenceImages).toBe(falAi.maxReferenceImages);
	expect(jieKou.maxReferenceImages).toBe(novita.maxReferenceImages);
	expect(jieKou.size).toEqual(novita.size);
});

test('The end that Novita AI announced is the one in the README', () => {
	expect(readText('README.md')).toContain(`Announced its end for ${novita.announcedEnd}.`);
});

/** What is counted or measured where a page speaks of a limit. */
const UNITS =
	'MB|megapixels?|seconds?|minutes?|hours?|days?|times|tries|looks|images|submits|tasks|downloads|characters|pixels|digits';

/** What only looks like a figure of the product, for each page that is searched. */
const others: Record<string, string[]> = {
	// The rate of submits; what services say of themselves; the benchmark: its tasks, and how long it takes.
	'README.md': [
		'a second',
		'2 tasks',
		'600 submits',
		'a minute',
		'a megapixel',
		'two seconds',
		'five minutes',
	],
	'SECURITY.md': [],
	// What clients of MCP wait; "a second tool".
	'docs/ai-agents.md': ['60 seconds', 'a second'],
	// The rate of submits.
	'docs/cost-safety.md': ['a second'],
	'docs/get-task-result.md': [],
	'docs/reference-images.md': [],
	'docs/submit-and-wait.md': [],
	// From where on n8n keeps a waiting execution in its database.
	'docs/submit.md': ['65 seconds'],
	// In examples of messages.
	'docs/troubleshooting.md': ['50 tasks', '12.4 MB'],
};

test.each(Object.entries(others))('In %s, every figure with a unit is compared', (page, known) => {
	const text = readText(page);
	const places = (rowsOf[page] ?? [])
		.flatMap(([sentence]) => [...text.matchAll(patternOf(sentence))])
		.flatMap(({ indices }) => (indices?.slice(1) ?? []).map(([start]) => start));
	const pattern = new RegExp(`${FIGURE} (?:(?:active|more|whole) )?(?:${UNITS})\\b`, 'g');
	const unknown = [...text.matchAll(pattern)]
		.filter(({ index }) => !places.includes(index))
		.map(([figure]) => figure);
	expect([...new Set(unknown)].sort()).toEqual([...known].sort());
});
