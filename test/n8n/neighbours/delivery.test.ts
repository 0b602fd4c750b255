import { deepCopy } from 'n8n-workflow';
import nock from 'nock';

import example from '../../../examples/scheduled-content-pipeline.json';
import { ImageMaker } from '../../bench/markedImage';
import { binaryModes } from '../../engine/workflows';
import type { StoredCredential, WorkflowJson } from '../../support/harness';
import { interceptGoogleDrive } from './googleDrive';
import { n8nCredential } from './n8nNodes';
import { items, json, pairs, served, useNeighbours } from './neighbours';
import { interceptSlack } from './slack';

const slackToken = 'xoxb-token';
const driveToken = 'ya29-token';

let slack: ReturnType<typeof interceptSlack>;
let drive: ReturnType<typeof interceptGoogleDrive>;
let otherCredentials: Record<string, StoredCredential>;

beforeAll(async () => {
	otherCredentials = {
		slackApi: await n8nCredential('slackApi', { accessToken: slackToken }),
		googleDriveOAuth2Api: await n8nCredential('googleDriveOAuth2Api', {
			clientId: 'client',
			clientSecret: 'secret',
			oauthTokenData: { access_token: driveToken, token_type: 'Bearer' },
		}),
	};
});
beforeEach(() => {
	// What is neither answered here nor by the simulator must fail.
	nock.disableNetConnect();
	nock.enableNetConnect('127.0.0.1');
	slack = interceptSlack(slackToken);
	drive = interceptGoogleDrive(driveToken);
});
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

/** The example in a hurry, with the channel that a user chooses, and with another plan. */
function pipeline(plan?: Array<{ title: string; prompt: string }>): WorkflowJson {
	const copy = deepCopy(example);
	const parametersOf = (name: string) =>
		copy.nodes.find((node) => node.name === name)!.parameters as {
			options: object;
			assignments: { assignments: Array<{ value: string }> };
		};
	Object.assign(parametersOf('Post to Slack').options, { channelId: 'C0122KQ70S7E' });
	Object.assign(parametersOf('Draw the Images').options, { pollingInterval: 0.02 });
	const [posts] = parametersOf('Content Plan').assignments.assignments;
	if (plan) posts!.value = JSON.stringify(plan);
	return copy as unknown as WorkflowJson;
}

describe.each(binaryModes)(
	'The scheduled content pipeline, with files in %s mode,',
	(binaryMode) => {
		const { simulator, runWell } = useNeighbours();

		it('brings every image to Slack and Google Drive, unchanged and under its own name', async () => {
			const result = await runWell(pipeline(), { binaryMode, otherCredentials });

			const posts = json(result, 'One Item per Post') as Array<{ title: string; prompt: string }>;
			expect(posts.map(({ title }) => title)).toEqual(['Monday market', 'New on the menu']);
			expect(simulator.paidPrompts().sort()).toEqual(posts.map(({ prompt }) => prompt).sort());
			const images = await served(items(result, 'Draw the Images'));
			expect(images[0]!.equals(images[1]!)).toBe(false);

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
			for (const node of ['Draw the Images', 'Post to Slack', 'Keep in Google Drive']) {
				expect(pairs(result, node)).toMatchObject([{ item: 0 }, { item: 1 }]);
			}
		});

		it('reports posts without an image and delivers the others', async () => {
			const posts = ['A kite', 'A boat [fail]', 'A train', ''].map((prompt, index) => ({
				title: `Post ${index}`,
				prompt,
			}));
			const result = await runWell(pipeline(posts), { binaryMode, otherCredentials });

			const images = await served(items(result, 'Draw the Images'));
			expect(slack.files.map(({ bytes }) => bytes)).toEqual(images);
			expect(slack.files.map(({ shared }) => shared?.title)).toEqual(['Post 0', 'Post 2']);
			expect(drive.files.map(({ bytes }) => bytes)).toEqual(images);
			const failed = simulator.tasks.find(({ prompt }) => prompt === 'A boat [fail]')!;
			expect(slack.messages).toEqual(
				[
					`^No image for “Post 1”: .*${failed.id}`,
					"^No image for “Post 3”: .*'Prompt' is empty",
				].map((text) => ({
					channel: '#content',
					text: expect.stringMatching(new RegExp(text)) as string,
				})),
			);
		});
	},
);

describe('The scheduled content pipeline', () => {
	const { simulator, runWell } = useNeighbours();

	it('pays for nothing when the plan has grown by mistake', async () => {
		const posts = Array.from({ length: 6 }, (_, index) => ({
			title: `Post ${index}`,
			prompt: `Image ${index}`,
		}));
		await runWell(pipeline(posts), { otherCredentials });
		expect(simulator.requests).toEqual([]);
		expect(slack.files).toEqual([]);
		expect(drive.files).toEqual([]);
		expect(slack.messages.map(({ text }) => text)).toEqual(
			posts.map(
				({ title }) =>
					expect.stringMatching(
						new RegExp(`^No image for “${title}”: .*'Max Tasks' allows 5`),
					) as string,
			),
		);
	});

	it('brings images of five megabytes to Google Drive in chunks, and with the Slack node of today to Slack in one piece', async () => {
		// Large answers that nock only lets pass break off when the machine is busy.
		const maker = new ImageMaker(5_000_000);
		nock(simulator.url, { allowUnmocked: true })
			.persist()
			.get(/^\/images\//)
			.reply((path) => [200, maker.make(path)]);
		const workflow = pipeline();
		for (const node of workflow.nodes) {
			if (node.name === 'Post to Slack') node.typeVersion = 2.7;
		}
		const result = await runWell(workflow, { otherCredentials });
		const images = await served(items(result, 'Draw the Images'));
		expect(drive.files.map(({ requests }) => requests)).toEqual([3, 3]);
		for (const [index, image] of images.entries()) {
			expect(image.length).toBeGreaterThan(5_000_000);
			expect(drive.files[index]!.bytes.equals(image)).toBe(true);
			expect(slack.files[index]!.bytes.equals(image)).toBe(true);
		}
	});
});
