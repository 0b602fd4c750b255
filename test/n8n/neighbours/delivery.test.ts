import nock from 'nock';

import example from '../../../examples/scheduled-content-pipeline.json';
import { binaryModes } from '../../engine/workflows';
import { interceptGoogleDrive } from './googleDrive';
import { n8nCredential } from './n8nNodes';
import {
	items,
	json,
	pairedItem,
	runWell,
	served,
	useDistinctImages,
	type Variant,
} from './neighbours';
import { interceptSlack } from './slack';

const slackToken = 'xoxb-token';
const driveToken = 'ya29-token';

let slack: ReturnType<typeof interceptSlack>;
let drive: ReturnType<typeof interceptGoogleDrive>;

beforeEach(() => {
	// What is neither answered here nor by the simulator must fail.
	nock.disableNetConnect();
	nock.enableNetConnect('127.0.0.1');
	slack = interceptSlack(slackToken);
	drive = interceptGoogleDrive(driveToken);
});
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

const nodeNamed = (name: string) => example.nodes.find((node) => node.name === name)!;
const parametersOf = (name: string) => nodeNamed(name).parameters as object;

/** What a user changes after the import: the credentials and the channel. */
async function setUp(credentials: Variant['credentials'], more: Variant = {}): Promise<Variant> {
	const postToSlack = parametersOf('Post to Slack') as { options: object };
	return {
		credentials,
		otherCredentials: {
			slackApi: await n8nCredential('slackApi', { accessToken: slackToken }),
			googleDriveOAuth2Api: await n8nCredential('googleDriveOAuth2Api', {
				clientId: 'client',
				clientSecret: 'secret',
				oauthTokenData: { access_token: driveToken, token_type: 'Bearer' },
			}),
		},
		...more,
		nodes: {
			'Post to Slack': {
				parameters: {
					...postToSlack,
					options: { ...postToSlack.options, channelId: 'C0122KQ70S7E' },
				},
			},
			...more.nodes,
		},
	};
}

/** The plan with other posts. */
function planOf(posts: Array<{ title: string; prompt: string }>): Variant['nodes'] {
	const { assignments } = parametersOf('Content Plan') as {
		assignments: { assignments: Array<{ name: string }> };
	};
	return {
		'Content Plan': {
			parameters: {
				assignments: {
					assignments: [{ ...assignments.assignments[0], value: JSON.stringify(posts) }],
				},
				options: {},
			},
		},
	};
}

describe.each(binaryModes)('the scheduled content pipeline, files: %s', (binaryMode) => {
	const simulator = useDistinctImages();

	it('brings every image to Slack and Google Drive, unchanged and under its own name', async () => {
		const result = await runWell(
			example,
			await setUp(simulator.credentials, { binaryMode, unhurried: true }),
		);

		const posts = json(result, 'One Item per Post') as Array<{ title: string; prompt: string }>;
		expect(posts.map(({ title }) => title)).toEqual(['Monday market', 'New on the menu']);
		const drawn = items(result, 'Draw the Images');
		const images = await Promise.all(drawn.map(async (item) => await served(item.json)));
		expect(new Set(images.map((bytes) => bytes.toString('hex'))).size).toBe(2);
		expect(simulator.paidPrompts().sort()).toEqual(posts.map(({ prompt }) => prompt).sort());
		expect(drawn.map(pairedItem)).toEqual([{ item: 0 }, { item: 1 }]);

		const names = posts.map(
			({ title }) =>
				expect.stringMatching(new RegExp(`^\\d{4}-\\d\\d-\\d\\d ${title}\\.png$`)) as string,
		);
		expect(slack.files).toEqual(
			posts.map(({ title }, index) => ({
				name: names[index],
				partName: names[index],
				mimeType: 'image/png',
				bytes: images[index],
				shared: { title, comment: title, channel: 'C0122KQ70S7E' },
			})),
		);
		expect(drive.files).toEqual(
			images.map((bytes, index) => ({
				name: names[index],
				parents: ['root'],
				mimeType: 'image/png',
				bytes,
				requests: 1,
			})),
		);
		expect(slack.messages).toEqual([]);
		for (const node of ['Post to Slack', 'Keep in Google Drive']) {
			expect(items(result, node).map(pairedItem)).toMatchObject([{ item: 0 }, { item: 1 }]);
		}
	});

	it('reports the post without an image and delivers the others', async () => {
		const posts = [
			{ title: 'Monday', prompt: 'A kite' },
			{ title: 'Tuesday', prompt: 'A boat [fail]' },
			{ title: 'Wednesday', prompt: 'A train' },
		];
		const result = await runWell(
			example,
			await setUp(simulator.credentials, { binaryMode, nodes: planOf(posts) }),
		);

		const images = await Promise.all(
			json(result, 'Draw the Images').map(async (item) => await served(item)),
		);
		expect(slack.files.map(({ bytes }) => bytes)).toEqual(images);
		expect(slack.files.map(({ shared }) => shared?.title)).toEqual(['Monday', 'Wednesday']);
		expect(drive.files.map(({ bytes }) => bytes)).toEqual(images);
		const failed = simulator.tasks.find(({ prompt }) => prompt === 'A boat [fail]')!;
		expect(slack.messages).toEqual([
			{
				channel: '#content',
				text: expect.stringMatching(
					new RegExp(`^No image for “Tuesday”: .*${failed.id}`),
				) as string,
			},
		]);
	});

	it('pays for nothing when the plan has grown by mistake', async () => {
		const posts = Array.from({ length: 6 }, (_, index) => ({
			title: `Post ${index}`,
			prompt: `Image ${index}`,
		}));
		await runWell(
			example,
			await setUp(simulator.credentials, { binaryMode, nodes: planOf(posts) }),
		);
		expect(simulator.requests).toEqual([]);
		expect(slack.files).toEqual([]);
		expect(drive.files).toEqual([]);
		expect(slack.messages).toHaveLength(6);
		expect(slack.messages[0]!.text).toMatch(/'Max Tasks' allows 5/);
	});

	it('runs with the Slack node that n8n adds today, too', async () => {
		const { nodes, ...variant } = await setUp(simulator.credentials, { binaryMode });
		const result = await runWell(example, {
			...variant,
			nodes: { ...nodes, 'Post to Slack': { ...nodes!['Post to Slack'], typeVersion: 2.7 } },
		});
		const images = await Promise.all(
			json(result, 'Draw the Images').map(async (item) => await served(item)),
		);
		expect(slack.files.map(({ bytes }) => bytes)).toEqual(images);
	});
});

describe('images of five megabytes', () => {
	const simulator = useDistinctImages(5_000_000);

	it('reach Google Drive in chunks and Slack in one piece', async () => {
		const result = await runWell(example, await setUp(simulator.credentials));
		const images = await Promise.all(
			json(result, 'Draw the Images').map(async (item) => await served(item)),
		);
		expect(drive.files.map(({ requests }) => requests)).toEqual([3, 3]);
		for (const [index, image] of images.entries()) {
			expect(image.length).toBeGreaterThan(5_000_000);
			expect(drive.files[index]!.bytes.equals(image)).toBe(true);
			expect(slack.files[index]!.bytes.equals(image)).toBe(true);
		}
	});
});
