/** The rooms of nodes/Flux2Flex from top to bottom. */
module.exports = [
	'operations',
	'output',
	'wait',
	'submit',
	'read',
	'run',
	'transport',
	'description',
	'images',
	'services',
	'timing',
	'values',
];
