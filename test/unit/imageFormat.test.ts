import {
	imageExtensions,
	isEnoughToSniff,
	sniffImage,
} from '../../nodes/Flux2Flex/images/imageFormat';

const hex = (text: string) => Buffer.from(text).toString('hex');

/** First bytes of real files, in hexadecimal. */
const realFiles: Array<[name: string, mimeType: string, extension: string, start: string]> = [
	['png', 'image/png', 'png', '89504e470d0a1a0a0000000d494844520000010000000100080200000'],
	['jpeg', 'image/jpeg', 'jpg', 'ffd8ffe000104a46494600010101004800480000ffdb0043000302020302'],
	['jpeg', 'image/jpeg', 'jpg', 'ffd8ffe1001845786966000049492a0008000000000000000000ffec0011'],
	['jpeg', 'image/jpeg', 'jpg', 'ffd8ffdb004300080606070605080707070909080a0c140d0c0b0b0c1912'],
	['webp', 'image/webp', 'webp', '524946461a02000057454250565038200e02000030 0b009d012a20002000'],
	['webp', 'image/webp', 'webp', '52494646ae5e00005745425056503858 0a000000100000003f00003f0000'],
	['gif', 'image/gif', 'gif', '47494638396101000100800000000000ffffff21f90401000000002c00000000'],
	['gif', 'image/gif', 'gif', '474946383761010001008000000000 00ffffff2c00000000010001000002'],
	['avif', 'image/avif', 'avif', '0000001c667479706176696600000000617669666d6966316d696166'],
	['heic', 'image/heic', 'heic', '00000018667479706865696300000000 6d69663168656963'],
	['heic', 'image/heic', 'heic', '00000018667479706d69663100000000 6d69663168656963'],
	// An AVIF by its compatible brands only.
	['avif', 'image/avif', 'avif', `0000001c667479706d69663100000000${hex('mif1avifmiaf')}`],
	['avif', 'image/avif', 'avif', `00000020667479706d73663100000000${hex('msf1mif1avismiaf')}`],
	['heic', 'image/heic', 'heic', `0000001c667479706d73663100000000${hex('msf1hevcmiaf')}`],
	['tiff', 'image/tiff', 'tiff', '49492a00080000000f00fe0004000100000000000000'],
	['tiff', 'image/tiff', 'tiff', '4d4d002a00000008000f00fe00040000000100000000'],
	['bmp', 'image/bmp', 'bmp', '424d8a000000000000007a0000006c000000020000000200'],
];

const bytesOf = (hexadecimal: string) =>
	new Uint8Array(Buffer.from(hexadecimal.replaceAll(' ', ''), 'hex'));

test.each(realFiles)(
	'A file of %s is %s (.%s) by its bytes %s',
	(name, mimeType, extension, start) => {
		const format = sniffImage(bytesOf(start));
		expect(format).toMatchObject({ name, mimeType });
		expect(format?.extensions[0]).toBe(extension);
	},
);

test.each([
	['nothing', ''],
	['one zero', '00'],
	['a PNG without its line end', '89504e470d0a1a0b0000000d'],
	['a PNG whose line ends were converted', '89504e470a1a0a0000000d49484452'],
	['a PNG cut short', '89504e470d0a1a'],
	['a JPEG without a first segment', 'ffd800e000104a464946'],
	['the start of UTF-16', 'fffe3c00680074006d006c00'],
	['a WAV file', '52494646246400005741564566 6d7420'],
	['an AVI file', '52494646246400004156492 04c495354'],
	['a WebP cut short', '5249464624640000574542'],
	['a GIF of no known version', '47494638386101000100'],
	['an MP4 video', '00000018667479706d703432000000006d70343269736f6d'],
	['a QuickTime video', '00000014667479707174202020050300717420 20'],
	['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">').toString('hex')],
	['a web page', Buffer.from('<!DOCTYPE html><html><head>').toString('hex')],
	['an error as JSON', Buffer.from('{"code":404,"reason":"NOT_FOUND"}').toString('hex')],
	['an error as XML', Buffer.from('<?xml version="1.0"?><Error>').toString('hex')],
	['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ').toString('hex')],
	['a text that starts with BM', Buffer.from('BMW builds cars since 1928').toString('hex')],
	['a text that starts with II', Buffer.from('II*chapter two of the book').toString('hex')],
	['two letters BM', '424d'],
	['a BMP cut short', '424d8a00000000'],
])('Content that is %s is no image', (_name, start) => {
	expect(sniffImage(bytesOf(start))).toBeUndefined();
});

test('The extension of every format is known as one', () => {
	for (const extension of ['png', 'jpg', 'jpeg', 'jfif', 'webp', 'gif', 'avif', 'heic', 'tiff']) {
		expect(imageExtensions).toContain(extension);
	}
	for (const extension of ['', 'exe', 'svg', 'pdf', 'PNG']) {
		expect(imageExtensions).not.toContain(extension);
	}
});

test('What is shorter than its first look is no image, and the look asks for enough', () => {
	for (const [, , , start] of realFiles) {
		const whole = bytesOf(start);
		const enough = Array.from(whole.keys()).find((end) => isEnoughToSniff(whole.subarray(0, end)));
		const length = enough ?? whole.length;
		expect(sniffImage(whole.subarray(0, length))).toBeDefined();
		expect(sniffImage(whole.subarray(0, length - 1))).toBeUndefined();
		expect(length).toBeLessThanOrEqual(start.includes('66747970') ? 32 : 12);
	}
});

test('A list of brands that claims to go on for ever is not waited for', () => {
	const start = Buffer.alloc(256, 'avif');
	start.write('ffffffff', 0, 'hex');
	start.write('ftyp', 4);
	expect(isEnoughToSniff(start)).toBe(true);
	expect(sniffImage(start)?.name).toBe('avif');
});
