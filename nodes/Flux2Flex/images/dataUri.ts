/** A data URI taken apart (RFC 2397), or what is wrong with it. */
export type DataUri = { bytes: Buffer } | { fault: string };

/**
 * The bytes of a data URI, decoded strictly: with parameters, in base64 or percent-encoded.
 *
 * @param uri begins with "data:"
 */
export function readDataUri(uri: string): DataUri {
	const foreign = /[^\p{ASCII}]/u.exec(uri);
	if (foreign !== null) return { fault: `it has the character "${foreign[0]}"` };
	const comma = uri.indexOf(',');
	if (comma === -1) return { fault: 'it has no comma, after which the data begins' };
	const isBase64 = /;\s*base64\s*$/i.test(uri.slice(0, comma));
	const data = uri.slice(comma + 1);
	return isBase64 ? readBase64(data) : readPercentEncoded(data);
}

function readBase64(data: string): DataUri {
	// Both are allowed in an address: letters as %XX, and lines that were wrapped.
	const text = (data.includes('%') ? decodePercent(data).toString('latin1') : data).replace(
		/[\r\n\t]/g,
		'',
	);
	if (text.includes(' ')) {
		return { fault: 'it has spaces, where a "+" of its base64 was lost, e.g. in a query' };
	}
	// One pattern for all of it would remember a way back for each of millions of letters.
	const padding = /={0,2}$/.exec(text)?.[0] ?? '';
	const wrong = /[^A-Za-z0-9+/]/.exec(text.slice(0, text.length - padding.length));
	if (wrong !== null) return { fault: `its base64 has the character "${wrong[0]}"` };
	const letters = text.length - padding.length;
	const isWhole = padding === '' ? letters % 4 !== 1 : text.length % 4 === 0;
	return isWhole ? { bytes: Buffer.from(text, 'base64') } : { fault: 'its base64 is cut off' };
}

function readPercentEncoded(data: string): DataUri {
	if (/%(?![0-9a-f]{2})/i.test(data)) return { fault: 'it has a "%" without two hex digits' };
	return { bytes: decodePercent(data) };
}

function decodePercent(data: string): Buffer {
	const letters = data.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
	return Buffer.from(letters, 'latin1');
}

export function toDataUri(bytes: Buffer, mimeType: string): string {
	return `data:${mimeType};base64,${bytes.toString('base64')}`;
}
