// Imported first by every command. It uses nothing but what very old Node versions know as well, so
// that they, too, answer with one clear line instead of a syntax error further down.
const minimumMajor = 20;

if (Number(process.versions.node.split('.')[0]) < minimumMajor) {
	console.error(
		'Node ' +
			process.versions.node +
			' is too old: this needs Node ' +
			minimumMajor +
			' or newer (https://nodejs.org).',
	);
	process.exit(1);
}
