import { asHttpUrl } from '../values/untrusted';
import type { GenerationInput, Service } from '../services/service';
import type { Account } from '../services/account';
import { describeSizeRule, isValidSize, parseSize, type ImageSize } from '../images/imageSize';
import type { NodeRun } from '../run/nodeRun';
import { problem, type Location } from '../run/problems';
import { readAccount } from './account';
import { checkNumber, readParameter, show } from './fields';
import { readOwnOptions } from './serviceOptions';
import { readOptions } from './settings';
import {
	deliver,
	identify,
	readReferenceImages,
	type BinaryDelivery,
	type ReferenceImage,
} from './referenceImages';

/** An item's request, checked: nothing about it can fail any more but the service. */
export interface GenerationRequest {
	itemIndex: number;
	account: Account;
	prompt: string;
	size?: ImageSize;
	/** -1 = random. */
	seed: number;
	images: ReferenceImage[];
	binaryDelivery: BinaryDelivery;
	webhookUrl?: string;
	/** Checked options that only this service has. */
	ownOptions: Readonly<Record<string, unknown>>;
	/** Send a submit again although the first may have been accepted. */
	resubmitUnconfirmed: boolean;
	/** Under this key the ledger remembers the task. */
	ledgerKey: string;
}

/**
 * Reads and checks everything an item's submit needs, before anything is paid.
 *
 * @throws NodeOperationError that names the item, the field and the way out
 */
export async function readGenerationRequest(
	run: NodeRun,
	itemIndex: number,
): Promise<GenerationRequest> {
	const where = { context: run.context, itemIndex };
	const account = await readAccount(run, itemIndex);
	const { service } = account;
	const options = readOptions(run, itemIndex);
	const ownOptions = readOwnOptions(run, itemIndex, service);
	const binaryDelivery = readBinaryDelivery(options.binaryDelivery, where);
	const prompt = readPrompt(readParameter(run, itemIndex, 'prompt'), where);
	const size = readSize(run, itemIndex, service);
	const seed = checkNumber(run, itemIndex, readParameter(run, itemIndex, 'seed', -1), {
		label: 'Seed',
		min: -1,
		max: 2_147_483_647,
		whole: true,
	});
	const webhookUrl = readWebhookUrl(options.webhookUrl, where);
	const images = await readReferenceImages(run, itemIndex, binaryDelivery);
	const { maxReferenceImages, displayName } = service;
	if (images.length > maxReferenceImages) {
		throw problem(
			where,
			`There are ${images.length} reference images, but ${displayName} takes ${maxReferenceImages} at most`,
			"Remove some from 'Reference Images'.",
		);
	}
	return {
		itemIndex,
		account,
		prompt,
		size,
		seed,
		images,
		binaryDelivery,
		webhookUrl,
		ownOptions,
		resubmitUnconfirmed: options.resubmitUnconfirmed === true,
		ledgerKey: run.ledger.claim(itemIndex, [
			service.id,
			account.baseUrl,
			prompt,
			size,
			seed,
			images.map(identify),
			ownOptions,
		]),
	};
}

/** The request in the form services map; reads the bytes of binary reference images. */
export async function assembleInput(
	run: NodeRun,
	request: GenerationRequest,
): Promise<GenerationInput> {
	const images: string[] = [];
	for (const image of request.images) {
		images.push(await deliver(run, request.itemIndex, image, request.binaryDelivery));
	}
	const { prompt, size, seed, webhookUrl, ownOptions } = request;
	return { prompt, size, seed, images, webhookUrl, ownOptions };
}

function readPrompt(value: unknown, where: Location): string {
	const prompt = typeof value === 'number' ? String(value) : value;
	if (typeof prompt === 'string' && prompt.trim() !== '') return prompt;
	throw problem(
		where,
		typeof prompt === 'string' || prompt === undefined || prompt === null
			? "'Prompt' is empty"
			: `'Prompt' must be text, but is ${show(value)}`,
		"Describe the image in 'Prompt', or check the expression behind it.",
	);
}

function readSize(run: NodeRun, itemIndex: number, service: Service): ImageSize | undefined {
	const value = readParameter(run, itemIndex, 'size', 'auto');
	if (value === 'auto') return undefined;
	const size = value === 'custom' ? readCustomSize(run, itemIndex, service) : readText(value);
	if (size !== undefined && isValidSize(size, service.size)) return size;
	const shown = value === 'custom' ? `${size?.width}*${size?.height}` : show(value);
	throw problem(
		{ context: run.context, itemIndex },
		`'Size' is ${shown}, which is not a size that ${service.displayName} makes`,
		`Choose a size, or give width and height ${describeSizeRule(service.size)}, e.g. 1024*768.`,
	);
}

function readCustomSize(run: NodeRun, itemIndex: number, { size }: Service): ImageSize {
	const rule = { min: size.minSide, max: size.maxSide, whole: true, unit: 'pixels' };
	const side = (name: string, label: string) =>
		checkNumber(run, itemIndex, readParameter(run, itemIndex, name, 1024), { label, ...rule });
	return { width: side('width', 'Width'), height: side('height', 'Height') };
}

function readText(value: unknown): ImageSize | undefined {
	return typeof value === 'string' ? parseSize(value) : undefined;
}

function readBinaryDelivery(value: unknown, where: Location): BinaryDelivery {
	if (value === undefined || value === 'dataUri') return 'dataUri';
	if (value === 'signedUrl') return value;
	throw problem(
		where,
		`'Send Reference Images As' is ${show(value)}, which is not one of its choices`,
		'Choose "Data URI" or "Signed Link".',
	);
}

function readWebhookUrl(value: unknown, where: Location): string | undefined {
	if (value === undefined || value === '') return undefined;
	const url = asHttpUrl(value);
	if (url !== undefined) return url;
	throw problem(
		where,
		`'Webhook URL' is not an http(s) address: ${show(value)}`,
		"Enter an address the service can reach, e.g. {{ $execution.resumeUrl }}, or remove 'Webhook URL' from 'Options'.",
	);
}
