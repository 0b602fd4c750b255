const rooms = require('./roomNames.cjs');

/** A file imports from its own room and from those below, so that each can be read without knowing who uses it. */
const inRooms = (/** @type {string[]} */ names) => `^nodes/Flux2Flex/(${names.join('|')})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		...rooms.slice(1).map((room, index) => ({
			name: `${room}-imports-only-downwards`,
			severity: 'error',
			from: { path: inRooms([room]) },
			to: { path: `${inRooms(rooms.slice(0, index + 1))}|\\.(node|credentials)\\.ts$` },
		})),
		{
			name: 'every-file-is-in-a-room',
			severity: 'error',
			from: {},
			to: { path: '^nodes/', pathNot: inRooms(rooms) },
		},
		{
			name: 'every-file-is-used',
			severity: 'error',
			from: { orphan: true, path: '^(nodes|credentials)/' },
			to: {},
		},
		{
			name: 'the-credential-knows-services-only',
			severity: 'error',
			from: { path: '^credentials/' },
			to: { path: '^nodes/', pathNot: inRooms(['services', 'timing', 'values']) },
		},
		{
			name: 'no-circles',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{
			name: 'the-product-is-no-test',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { path: '^(test|scripts)/' },
		},
	],
	options: {
		tsConfig: { fileName: 'tsconfig.json' },
		// Imports of types count: they tie rooms together as well.
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
	},
};
