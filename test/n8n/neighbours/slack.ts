import nock from 'nock';

import { bytesOfBody, partsOfBody } from './requestBody';

/** A file that Slack was given. */
export interface SlackFile {
	/** Announced before the upload. */
	name: string;
	bytes: Buffer;
	/** Of the part of the upload. */
	partName: string;
	mimeType: string;
	/** Given at the end; a file without it is lost. */
	shared?: { title: string; channel?: string; comment?: string };
}

/** What reached Slack. */
export interface Slack {
	files: SlackFile[];
	messages: Array<{ channel: string; text: string }>;
}

interface CompletionBody {
	files: Array<{ id: string; title: string }>;
	channel_id?: string;
	initial_comment?: string;
}

/**
 * Takes Slack's place, for a bot with this token. Files arrive as documented: announced with name
 * and length, uploaded, completed. https://docs.slack.dev/messaging/working-with-files/#upload
 */
export function interceptSlack(token: string): Slack {
	const slack: Slack = { files: [], messages: [] };
	const announced: Array<{ name: string; length: number }> = [];
	const authorized = { reqheaders: { authorization: `Bearer ${token}` } };

	nock('https://slack.com', authorized)
		.persist()
		.get('/api/files.getUploadURLExternal')
		.query(true)
		.reply((path) => {
			const { searchParams } = new URL(path, 'https://slack.com');
			announced.push({
				name: searchParams.get('filename')!,
				length: Number(searchParams.get('length')),
			});
			const number = announced.length - 1;
			const uploadUrl = `https://files.slack.com/upload/v1/${number}`;
			return [200, { ok: true, upload_url: uploadUrl, file_id: `F${number}` }];
		})
		.post('/api/files.completeUploadExternal')
		.reply((_, body) => {
			const completion = body as CompletionBody;
			for (const { id, title } of completion.files) {
				slack.files[Number(id.slice(1))]!.shared = {
					title,
					channel: completion.channel_id,
					comment: completion.initial_comment,
				};
			}
			return [200, { ok: true, files: completion.files }];
		})
		.post('/api/chat.postMessage')
		.reply((_, body) => {
			const { channel, text } = body as Slack['messages'][number];
			slack.messages.push({ channel, text });
			return [200, { ok: true, channel, ts: '1503435956.000247' }];
		});

	nock('https://files.slack.com', authorized)
		.persist()
		.post(/^\/upload\/v1\/\d+$/)
		.reply(async function (path, body) {
			const number = Number(path.split('/').at(-1));
			const { name, length } = announced[number]!;
			const contentType = String(this.req.headers['content-type']);
			const { file } = await partsOfBody(bytesOfBody(body), contentType);
			const { name: partName, type: mimeType } = file!;
			const bytes = Buffer.from(await file!.arrayBuffer());
			if (bytes.length !== length) return [400, `${length} bytes were announced`];
			slack.files[number] = { name, bytes, partName, mimeType };
			return [200, `OK - ${length}`];
		});
	return slack;
}
