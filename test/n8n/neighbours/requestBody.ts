/**
 * The bytes of a request, which nock hands over as text: as hex when they are no UTF-8.
 *
 * @param contentLength in bytes, where the request gives one
 */
export function bytesOfBody(body: unknown, contentLength?: string): Buffer {
	const text = body as string;
	const asText = Buffer.from(text);
	const isText =
		contentLength === undefined
			? !/^(?:[0-9a-f]{2})+$/.test(text)
			: asText.length === Number(contentLength);
	return isText ? asText : Buffer.from(text, 'hex');
}

/** The parts of a multipart body, by name. */
export async function partsOfBody(
	body: Buffer,
	contentType: string,
): Promise<Record<string, File>> {
	// The reader takes the kind that forms send, and for bytes only what has the name of a file.
	const type = contentType.replace('multipart/related', 'multipart/form-data');
	const named = body
		.toString('latin1')
		.replace(/^(content-disposition: form-data; name="(\w+)")\r$/gim, '$1; filename="$2"\r');
	const form = await new Response(Buffer.from(named, 'latin1'), {
		headers: { 'content-type': type },
	}).formData();
	return Object.fromEntries(form) as Record<string, File>;
}
