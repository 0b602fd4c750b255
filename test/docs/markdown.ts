import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import GithubSlugger from 'github-slugger';
import MarkdownIt, { type Token } from 'markdown-it';

export const repository = join(__dirname, '..', '..');

const parser = new MarkdownIt({ html: true });

/** A link or image of a page, as it is written there. */
export interface Reference {
	target: string;
	isImage: boolean;
	/** An image's text for those who do not see it; undefined for links. */
	alternative?: string;
}

export interface Page {
	/** Path within the repository. */
	path: string;
	tokens: Token[];
	references: Reference[];
	/** What `#…` may lead to, by GitHub's rules. */
	anchors: ReadonlySet<string>;
}

/** What is made or downloaded, not written. */
const leftOut = new Set(['.git', 'coverage', 'dist', 'node_modules', 'output']);

/** The paths of all files of the repository. */
export function repositoryFiles(folder = ''): string[] {
	return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
		const path = posix.join(folder, entry.name);
		if (leftOut.has(path)) return [];
		return entry.isDirectory() ? repositoryFiles(path) : [path];
	});
}

/** @param path within the repository */
export function readPage(path: string): Page {
	const tokens = parser.parse(readFileSync(join(repository, path), 'utf8'), {});
	return { path, tokens, references: referencesOf(tokens), anchors: anchorsOf(tokens) };
}

/** The words of a page as a reader sees them, without code blocks; cells of tables between bars. */
export function readText(path: string): string {
	return readFileSync(join(repository, path), 'utf8')
		.replace(/^\s*```.*?^\s*```$/gms, '')
		.replace(/\*\*|`|(?<![\p{L}\d])_|_(?![\p{L}\d])/gu, '')
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replace(/ +/g, ' ');
}

/** Blocks and what stands within them, one after the other. */
function flatten(tokens: Token[]): Token[] {
	return tokens.flatMap((token) => [token, ...flatten(token.children ?? [])]);
}

function referencesOf(tokens: Token[]): Reference[] {
	return flatten(tokens).flatMap((token): Reference[] => {
		switch (token.type) {
			case 'link_open':
				return [{ target: token.attrGet('href') ?? '', isImage: false }];
			case 'image':
				return [{ target: token.attrGet('src') ?? '', isImage: true, alternative: token.content }];
			case 'html_block':
			case 'html_inline':
				return referencesInHtml(token.content);
			default:
				return [];
		}
	});
}

function referencesInHtml(html: string): Reference[] {
	return [...html.matchAll(/\s(href|src|srcset)="([^"]*)"/g)].map(([, attribute, target = '']) => ({
		target,
		isImage: attribute !== 'href',
	}));
}

function anchorsOf(tokens: Token[]): Set<string> {
	const slugger = new GithubSlugger();
	return new Set(
		tokens.flatMap((token, index) =>
			token.type === 'heading_open' ? [slugger.slug(plainText(tokens[index + 1]))] : [],
		),
	);
}

/** What a reader sees of a piece of text, without its emphasis, links and code marks. */
export function plainText(token: Token | undefined): string {
	return (token?.children ?? [])
		.map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : ''))
		.join('');
}

/** A table with its cells as inline tokens. */
export interface Table {
	/** The heading above it. */
	section: string;
	headings: string[];
	rows: Token[][];
}

/** The tables of a page, in order. */
export function tablesOf({ tokens }: Page): Table[] {
	const tables: Table[] = [];
	let section = '';
	let row: Token[] = [];
	for (const [index, token] of tokens.entries()) {
		const table = tables.at(-1);
		if (token.type === 'heading_open') section = plainText(tokens[index + 1]);
		if (token.type === 'table_open') tables.push({ section, headings: [], rows: [] });
		if (token.type === 'tr_open') row = [];
		if (token.type === 'td_open') row.push(tokens[index + 1] as Token);
		if (token.type === 'th_open') table?.headings.push(plainText(tokens[index + 1]));
		if (token.type === 'tr_close' && row.length > 0) table?.rows.push(row);
	}
	return tables;
}

/** The texts in backticks of a page, in order. */
export function codeOf({ tokens }: Page): string[] {
	return flatten(tokens)
		.filter(({ type }) => type === 'code_inline')
		.map(({ content }) => content);
}
