import { binaryDelivery, resubmitUnconfirmed, webhookUrl } from '../description/options';
import { prompt, seed } from '../description/request';
import type { ImageSize } from '../images/imageSize';
import type { Item } from '../run/item';
import type { Account } from '../services/account';
import type { Service } from '../services/service';
import { asHttpUrl } from '../values/untrusted';
import { show } from '../values/show';
import { readAccount } from './account';
import { readBoolean, readChoice, readNumber, readText } from './fields';
import { identify, readReferenceImages, type ReferenceImage } from './referenceImages';
import { readServiceOptions } from './serviceOptions';
import { readSize } from './size';

/** An item's request, checked: nothing about it can fail any more but the service. */
export interface GenerationRequest {
	item: Item;
	account: Account;
	prompt: string;
	size?: ImageSize;
	/** -1 = random. */
	seed: number;
	images: ReferenceImage[];
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
export async function readGenerationRequest(item: Item): Promise<GenerationRequest> {
	const account = await readAccount(item);
	const { service } = account;
	const ownOptions = readServiceOptions(item, service);
	const isLink = readChoice(item, binaryDelivery) === 'signedUrl';
	const ordered = {
		prompt: readPrompt(item),
		size: readSize(item, service),
		seed: readNumber(item, seed),
	};
	const webhook = readWebhookUrl(item);
	const images = await readReferenceImages(item, isLink);
	checkTogether(item, images, service);
	return {
		item,
		account,
		...ordered,
		images,
		webhookUrl: webhook,
		ownOptions,
		resubmitUnconfirmed: readBoolean(item, resubmitUnconfirmed),
		ledgerKey: item.run.ledger.claim(item.index, [
			service.id,
			account.baseUrl,
			ordered.prompt,
			ordered.size,
			ordered.seed,
			images.map(identify),
			ownOptions,
		]),
	};
}

/** What each may be by itself, all of them together need not be. */
function checkTogether(item: Item, images: ReferenceImage[], service: Service): void {
	const { displayName, maxReferenceImages, maxInlineBytes = Infinity } = service;
	if (images.length > maxReferenceImages) {
		throw item.problem(
			`There are ${images.length} reference images, but ${displayName} takes ${maxReferenceImages} at most`,
			"Remove some from 'Reference Images'.",
		);
	}
	const inlineBytes = images.reduce((sum, image) => sum + image.inlineBytes, 0);
	if (inlineBytes > maxInlineBytes) {
		throw item.problem(
			`The files in 'Reference Images' have ${megabytes(inlineBytes)} MB, but ${displayName} takes ${megabytes(maxInlineBytes)} MB at most within a request`,
			"Choose \"Signed Link\" in 'Send Reference Images As' under 'Options', give the images as public links, or shrink them first.",
		);
	}
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

function readPrompt(item: Item): string {
	const text = readText(item, prompt);
	// Zero-width characters and their like say nothing either.
	if (/[^\s\p{Cc}\p{Cf}]/u.test(text)) return text;
	throw item.problem(
		"'Prompt' is empty",
		"Describe the image in 'Prompt', or check the expression behind it.",
	);
}

function readWebhookUrl(item: Item): string | undefined {
	const value = item.read(webhookUrl);
	if (value === '') return undefined;
	const url = asHttpUrl(value);
	if (url !== undefined) return url;
	throw item.problem(
		`'Webhook URL' is not an http(s) address: ${show(value)}`,
		"Enter an address the service can reach, e.g. {{ $execution.resumeUrl }}, or remove 'Webhook URL' from 'Options'.",
	);
}
