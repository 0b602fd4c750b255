import { BinaryDataService, prepareBinaryData } from 'n8n-core';
import type { IBinaryData } from 'n8n-workflow';

import { Container } from './coreDependencies';
import { withEngine, type BinaryMode } from './engine';

/** The workflow and execution that own what {@link storeBinary} stores. */
const owner = { workflowId: 'inputs', executionId: 'inputs' };

/** The bytes behind a binary field of an item, whichever mode they were stored in. */
export async function readBinary(binary: IBinaryData): Promise<Buffer> {
	return await Container.get(BinaryDataService).getAsBuffer(binary);
}

/**
 * Makes the binary field of an input item, as a node before the tested one would have.
 *
 * @param binaryMode the mode of the run it is for; default `filesystem`
 */
export async function storeBinary(
	buffer: Buffer,
	{
		mimeType,
		fileName,
		binaryMode,
	}: { mimeType: string; fileName?: string; binaryMode?: BinaryMode },
): Promise<IBinaryData> {
	return await withEngine(
		{ binaryMode },
		async () =>
			await prepareBinaryData(buffer, owner.executionId, owner.workflowId, fileName, mimeType),
	);
}

/**
 * The bytes a link of `helpers.createBinarySignedUrl` stands for, as n8n's REST API serves them.
 *
 * @throws JsonWebTokenError when the link is forged or has expired
 */
export async function readSignedBinary(url: string): Promise<Buffer> {
	const service = Container.get(BinaryDataService);
	const token = new URL(url).searchParams.get('token') ?? '';
	return await service.getAsBuffer({
		id: service.validateSignedToken(token),
		data: '',
		mimeType: '',
	});
}
