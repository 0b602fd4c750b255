import { countPaidSubmits } from './lostAnswers';
import { officialClients } from './officialClients';

it.each(officialClients)(
	'The official client $name pays again for every image whose answer was lost',
	async ({ makeImages }) => {
		const settings = { imageCount: 20, everyNth: 10, fault: { kind: 'resetBeforeReply' } } as const;
		expect(await countPaidSubmits(makeImages, settings)).toEqual({
			asked: 20,
			delivered: 20,
			paid: 22,
			lost: 2,
		});
	},
);
