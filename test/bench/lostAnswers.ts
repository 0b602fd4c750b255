import { startSimulator, type Fault } from '../support/simulator';
import { promptOf } from './contestants';
import { ImageMaker } from './markedImage';
import { aligned } from './printing';

/** Makes an image of each prompt, and tells how many came. */
export type MakeImages = (serviceUrl: string, prompts: string[]) => Promise<number>;

/** Somebody who makes images and pays for them. */
export interface PayingClient {
	/** With its version. */
	name: string;
	makeImages: MakeImages;
}

/** How many images, and what becomes of answers to submits. */
export interface LostAnswersSettings {
	imageCount: number;
	/** Every so-manieth submit is accepted, and its answer gets lost. */
	everyNth: number;
	/** How it gets lost. */
	fault: Fault;
}

/** What was paid, and what came of it. */
export interface LostAnswersReport {
	/** Images that were asked for. */
	asked: number;
	/** Images that came. */
	delivered: number;
	/** Submits that the service accepted. */
	paid: number;
	/** Answers that got lost. */
	lost: number;
}

/** One answer in twenty is lost: 5 %. */
const FIVE_PERCENT = { imageCount: 200, everyNth: 20 };

const RESET: Fault = { kind: 'resetBeforeReply' };

/** What is measured, by its title. */
const lostAnswersCases: Array<[title: string, settings: LostAnswersSettings]> = [
	['5 % of the answers lost by a reset', { ...FIVE_PERCENT, fault: RESET }],
	[
		'5 % lost to a 504 of a proxy',
		{ ...FIVE_PERCENT, fault: { kind: 'status', status: 504, accept: true } },
	],
	['5 % cut off in the middle', { ...FIVE_PERCENT, fault: { kind: 'truncate' } }],
	['all answers lost by a reset', { imageCount: 10, everyNth: 1, fault: RESET }],
];

/** What clients pay under all of it, as a table. */
export async function lostAnswersTable(clients: PayingClient[]): Promise<string> {
	const rows = [['', '', 'images asked for', 'delivered', 'paid submits', 'paid/image']];
	for (const [title, settings] of lostAnswersCases) {
		for (const { name, makeImages } of clients) {
			const { asked, delivered, paid } = await countPaidSubmits(makeImages, settings);
			rows.push([title, name, ...[asked, delivered, paid].map(String), (paid / asked).toFixed(2)]);
		}
	}
	return aligned(rows);
}

/** Lets a client make images while answers to its paid submits get lost, and counts what it pays. */
export async function countPaidSubmits(
	makeImages: MakeImages,
	{ imageCount, everyNth, fault }: LostAnswersSettings,
): Promise<LostAnswersReport> {
	const images = new ImageMaker(1000);
	const simulator = await startSimulator({ drawImage: async ({ prompt }) => images.make(prompt) });
	try {
		// A fault counts the submits that the ones before it let pass. Many more than will be used.
		for (let number = 1; number <= imageCount * 10; number++) {
			simulator.faults.add({ call: 'submit', skip: number * (everyNth - 1), fault });
		}
		const prompts = Array.from({ length: imageCount }, (_, index) => promptOf(index));
		const delivered = await makeImages(simulator.url, prompts);
		const submits = simulator.requests.filter(({ call }) => call === 'submit');
		return {
			asked: imageCount,
			delivered,
			paid: simulator.tasks.length,
			lost: Math.floor(submits.length / everyNth),
		};
	} finally {
		await simulator.close();
	}
}
