import { readDataUri, toDataUri } from '../../nodes/Flux2Flex/images/dataUri';

const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0xfb, 0xff, 0xfe, 0x3e]);
const base64 = bytes.toString('base64');

test('The example holds the letters that are at risk', () =>
	expect([...base64]).toEqual(expect.arrayContaining(['+', '/'])));

test.each([
	['as usual', `data:image/png;base64,${base64}`],
	['with a parameter', `data:image/png;charset=utf-8;base64,${base64}`],
	['with several parameters', `data:image/png;a=b;name="x y.png";base64,${base64}`],
	['without a type', `data:;base64,${base64}`],
	['with another type', `data:text/plain;base64,${base64}`],
	['in capitals', `DATA:IMAGE/PNG;BASE64,${base64}`],
	['wrapped in lines', `data:image/png;base64,${base64.replace(/(.{4})/g, '$1\r\n')}`],
	['escaped like an address', `data:image/png;base64,${encodeURIComponent(base64)}`],
	[
		'percent-encoded',
		`data:image/png,${[...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
	],
])('A data URI is read %s', (_name, uri) => {
	expect(readDataUri(uri)).toEqual({ bytes });
});

test.each([1, 2, 3, 4])('Base64 may go without its padding (%i bytes)', (length) => {
	const part = bytes.subarray(0, length);
	const text = part.toString('base64').replace(/=+$/, '');
	expect(readDataUri(`data:image/png;base64,${text}`)).toEqual({ bytes: part });
});

test.each([
	['without its "+"', base64.replaceAll('+', ' '), 'spaces'],
	['of another alphabet', base64.replaceAll('/', '_'), '"_"'],
	['cut off', base64.slice(0, 13), 'cut off'],
	['cut off within its padding', 'iVBORw=', 'cut off'],
	['padded in the middle', 'iVBO=Rw0', '"="'],
	['mixed with a letter that is none', 'iVBÖRw0K', '"Ö"'],
])('Base64 that is %s is refused, and told why', (_name, data, fault) => {
	expect(readDataUri(`data:image/png;base64,${data}`)).toEqual({
		fault: expect.stringContaining(fault) as string,
	});
});

test.each([
	['without a comma', 'data:image/png;base64', 'comma'],
	['with a lone percent sign', 'data:image/png,%8', '%'],
])('A data URI %s is refused', (_name, uri, fault) => {
	expect(readDataUri(uri)).toEqual({ fault: expect.stringContaining(fault) as string });
});

test('An image of 13 million letters is read', () => {
	const large = Buffer.alloc(10_000_000, 0xfb);
	const read = readDataUri(toDataUri(large, 'image/png'));
	expect('bytes' in read && read.bytes.equals(large)).toBe(true);
});
