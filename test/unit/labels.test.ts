import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

import { formLabels } from './formLabels';

/** Names in n8n itself that messages send the user to. */
const namesInN8n = ['Retry On Fail', 'Retry execution'];

const known = new Set([...formLabels, ...namesInN8n]);

interface Text {
	file: string;
	text: string;
}

/** Every text within the source; placeholders of templates become `…`. */
function textsOf(folder: string): Text[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.ts'))
		.flatMap((name) => {
			const texts: Text[] = [];
			const source = ts.createSourceFile(
				name,
				readFileSync(join(folder, name), 'utf8'),
				ts.ScriptTarget.ES2022,
				true,
			);
			const add = (text: string) => texts.push({ file: name, text });
			const visit = (node: ts.Node): void => {
				if (ts.isStringLiteralLike(node)) add(node.text);
				if (ts.isTemplateExpression(node)) {
					add([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'));
				}
				ts.forEachChild(node, visit);
			};
			visit(source);
			return texts;
		});
}

const root = join(__dirname, '..', '..');
const texts = [...textsOf(join(root, 'nodes', 'Flux2Flex')), ...textsOf(join(root, 'credentials'))];

/** What stands in single quotes, apostrophes left aside. */
function quotedIn(text: string): string[] {
	return [...text.matchAll(/(?<![\p{L}\d])'([^']+)'(?![\p{L}\d])/gu)]
		.map(([, name]) => name ?? '')
		.filter((name) => !name.includes('…'));
}

const mentions = texts.flatMap(({ file, text }) =>
	quotedIn(text).map((label) => ({ file, label })),
);

test('messages mention many labels, so the search works', () => {
	expect(mentions.length).toBeGreaterThan(50);
	const mentioned = new Set(mentions.map(({ label }) => label));
	for (const label of ['Prompt', 'Max Tasks', 'API Key', 'Get Task Result', 'Options']) {
		expect(mentioned).toContain(label);
	}
});

test('every label in a message exists in the form', () => {
	expect(mentions.filter(({ label }) => !known.has(label))).toEqual([]);
});

test('every choice that a message offers in double quotes exists, too', () => {
	const choices = texts
		.filter(({ text }) => /Choose |choose /.test(text))
		.flatMap(({ file, text }) =>
			[...text.matchAll(/"([A-Z][^"]*)"/g)].map(([, label]) => ({ file, label: label ?? '' })),
		);
	expect(choices.length).toBeGreaterThan(1);
	expect(choices.filter(({ label }) => !known.has(label))).toEqual([]);
});
