import { fileNameFor } from '../../nodes/Flux2Flex/images/fileName';
import { sniffImage, type ImageFormat } from '../../nodes/Flux2Flex/images/imageFormat';

const png = sniffImage(Buffer.from('89504e470d0a1a0a0000000d', 'hex')) as ImageFormat;
const jpeg = sniffImage(Buffer.from('ffd8ffe000104a4649460001', 'hex')) as ImageFormat;

const name = (chosen: string | undefined, format = png, imageIndex = 0) =>
	fileNameFor({ taskId: 'task-1', imageIndex, chosen, format });

test.each<[string, string | undefined]>([
	['not there', undefined],
	['empty', ''],
	['blank', '  \t '],
	['dots only', '...'],
	['slashes only', '/../'],
	['forbidden characters only', '<>:"|?*'],
	['control characters only', '\u0000\u001f\u007f'],
])('A wish that is %s gives the name of the task', (_name, chosen) => {
	expect(name(chosen)).toBe('flux-2-flex-task-1.png');
	expect(name(chosen, jpeg)).toBe('flux-2-flex-task-1.jpg');
});

test.each([
	['cat', 'cat.png'],
	['cat.png', 'cat.png'],
	['cat.PNG', 'cat.png'],
	['cat.jpg', 'cat.png'],
	['cat.jpeg', 'cat.png'],
	['cat.webp', 'cat.png'],
	['cat.exe', 'cat.exe.png'],
	['cat.v2', 'cat.v2.png'],
	['v1.5 final', 'v1.5 final.png'],
	['cat.png.jpg', 'cat.png.png'],
	['cat.', 'cat.png'],
	[' cat ', 'cat.png'],
	['.hidden', 'hidden.png'],
	['../../etc/passwd', '-..-etc-passwd.png'],
	['AC/DC', 'AC-DC.png'],
	['DC', 'DC.png'],
	['images/', 'images-.png'],
	['..\\..\\windows\\cat.png', '-..-windows-cat.png'],
	['/tmp/cat', '-tmp-cat.png'],
	['C:\\cat', 'C--cat.png'],
	['a\u0000b\u001fc\u007fd.png', 'abcd.png'],
	['a\r\nX-Header: b', 'aX-Header- b.png'],
	['a<b>c:d"e|f?g*h', 'a-b-c-d-e-f-g-h.png'],
	['小猫 🐈.png', '小猫 🐈.png'],
	['50% off & more.png', '50% off & more.png'],
])('The wish %j becomes %j', (chosen, expected) => {
	expect(name(chosen)).toBe(expected);
});

test.each([
	['cat.jpg', 'cat.jpg'],
	['cat.jpeg', 'cat.jpeg'],
	['cat.JPEG', 'cat.jpeg'],
	['cat.jfif', 'cat.jfif'],
	['cat.png', 'cat.jpg'],
	['cat', 'cat.jpg'],
])('A JPEG called %j becomes %j', (chosen, expected) => {
	expect(name(chosen, jpeg)).toBe(expected);
});

test('Several images of a task get numbers, before the extension', () => {
	expect([0, 1, 2].map((index) => name('cat.jpeg', jpeg, index))).toEqual([
		'cat.jpeg',
		'cat-2.jpeg',
		'cat-3.jpeg',
	]);
	expect(name(undefined, png, 1)).toBe('flux-2-flex-task-1-2.png');
});

test('A very long name is cut, and keeps number and extension', () => {
	const long = name('x'.repeat(100_000), png, 1);
	expect(long).toMatch(/^x+-2\.png$/);
	expect(long.length).toBeLessThanOrEqual(200);
});

test('A name in long characters fits into the 255 bytes of a file system', () => {
	for (const character of ['猫', '🐈']) {
		const long = name(character.repeat(1000));
		expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255);
		expect(long).not.toMatch(/\uFFFD|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
	}
});

test.each([
	['../../evil', 'flux-2-flex--..-evil.png'],
	['a/b\\c\u0000d', 'flux-2-flex-a-b-cd.png'],
])('A task id %j cannot lead out of the folder', (taskId, expected) => {
	expect(fileNameFor({ taskId, imageIndex: 0, format: png })).toBe(expected);
});
