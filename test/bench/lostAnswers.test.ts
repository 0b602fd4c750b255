import { countPaidSubmits } from './lostAnswers';
import { officialClients } from './officialClients';
import { thisNodeAt } from './thisNode';

const settings = { imageCount: 20, everyNth: 10, fault: { kind: 'resetBeforeReply' } } as const;

it.each(officialClients)(
	'The official client $name pays again for every image whose answer was lost',
	async ({ makeImages }) => {
		expect(await countPaidSubmits(makeImages, settings)).toEqual({
			asked: 20,
			delivered: 20,
			paid: 22,
			lost: 2,
		});
	},
);

it.each(['falAi', 'replicate'])(
	'This node at %s pays for each image once, and leaves the lost ones to the user',
	async (serviceId) => {
		expect(await countPaidSubmits(thisNodeAt(serviceId).makeImages, settings)).toEqual({
			asked: 20,
			delivered: 18,
			paid: 20,
			lost: 2,
		});
	},
);
