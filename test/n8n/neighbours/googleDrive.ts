import nock from 'nock';

import { bytesOfBody, partsOfBody } from './requestBody';

/** A file in the drive. */
export interface DriveFile {
	name: string;
	/** Ids of folders. */
	parents: string[];
	mimeType: string;
	bytes: Buffer;
	/** How many requests brought the bytes. */
	requests: number;
}

interface Metadata {
	name: string;
	parents: string[];
}

/**
 * Takes Google Drive's place, for an account with this access token. A file comes in one multipart
 * request, or in chunks: https://developers.google.com/workspace/drive/api/guides/manage-uploads
 */
export function interceptGoogleDrive(accessToken: string): { files: DriveFile[] } {
	const files: DriveFile[] = [];
	const create = ({ name, parents }: Metadata, mimeType: string): number =>
		files.push({ name, parents, mimeType, bytes: Buffer.alloc(0), requests: 0 }) - 1;
	const append = (file: DriveFile, bytes: Buffer): void => {
		file.bytes = Buffer.concat([file.bytes, bytes]);
		file.requests++;
	};

	nock('https://www.googleapis.com', {
		reqheaders: { authorization: `Bearer ${accessToken}` },
	})
		.persist()
		.post('/upload/drive/v3/files')
		.query({ uploadType: 'resumable', supportsAllDrives: 'true' })
		.reply(function (_, body) {
			const number = create(body as Metadata, String(this.req.headers['x-upload-content-type']));
			return [200, '', { location: `https://www.googleapis.com/resumable/${number}` }];
		})
		.post('/upload/drive/v3/files')
		.query({ uploadType: 'multipart', supportsAllDrives: 'true' })
		.reply(async function (_, body) {
			const contentType = String(this.req.headers['content-type']);
			const length = String(this.req.headers['content-length']);
			const { metadata, data } = await partsOfBody(bytesOfBody(body, length), contentType);
			const number = create(JSON.parse(await metadata!.text()) as Metadata, data!.type);
			append(files[number]!, Buffer.from(await data!.arrayBuffer()));
			return [200, { id: String(number) }];
		})
		.patch(/^\/drive\/v3\/files\/\d+$/)
		.query(true)
		.reply((path) => {
			const number = new URL(path, 'https://www.googleapis.com').pathname.split('/').at(-1)!;
			return [200, { id: number, name: files[Number(number)]!.name }];
		});

	// The address of a resumable upload is a secret in itself.
	nock('https://www.googleapis.com')
		.persist()
		.put(/^\/resumable\/\d+$/)
		.reply(function (path, body) {
			const number = Number(path.split('/').at(-1));
			const file = files[number]!;
			const { 'content-range': range, 'content-length': length } = this.req.headers;
			const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(range))!.map(Number);
			const bytes = bytesOfBody(body, String(length));
			if (from !== file.bytes.length || to !== from! + bytes.length - 1)
				return [400, 'wrong range'];
			append(file, bytes);
			return file.bytes.length === total ? [200, { id: String(number) }] : [308, ''];
		});
	return { files };
}
