import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

import { repository, repositoryFiles } from './markdown';

/** Everything the node can tell a user, as it stands in the source; `…` for what is put in. */
export interface Messages {
	/** Errors of the node. */
	errors: Set<string>;
	/** What may follow the way out of an error. */
	additions: Set<string>;
	/** On the output panel. */
	hints: Set<string>;
	/** The reasons that end a message or its way out. */
	causes: Set<string>;
	/** What can be wrong with a data URI. */
	faults: Set<string>;
	/** Of the test of the credential. */
	credentialTest: Set<string>;
	/** The files with errors whose message is no text of the source, once for each. */
	foreign: string[];
}

/** Reads them from the source, so that a new message without an entry in the docs is noticed. */
export function readMessages(): Messages {
	const messages: Messages = {
		errors: new Set(),
		additions: new Set(),
		hints: new Set(),
		causes: new Set(),
		faults: new Set(),
		credentialTest: new Set(),
		foreign: [],
	};
	for (const path of repositoryFiles()) {
		if (!/^(nodes|credentials)\/.+\.ts$/.test(path)) continue;
		const text = readFileSync(join(repository, path), 'utf8');
		const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
		const visit = (node: ts.Node): void => {
			collect(node, messages, path);
			ts.forEachChild(node, visit);
		};
		visit(source);
	}
	return messages;
}

function collect(node: ts.Node, messages: Messages, path: string): void {
	const addTo = (set: Set<string>, expression: ts.Node | undefined) => {
		// Without a letter it only joins other texts.
		const texts = expression
			? textsOf(expression)
					.map((text) => text.trim())
					.filter((text) => /\p{L}/u.test(text))
			: [];
		if (texts.length > 0) texts.forEach((text) => set.add(text));
		else if (set === messages.errors) messages.foreign.push(path);
	};
	if (ts.isCallExpression(node)) {
		const name = node.expression.getText();
		if (/\.problem$/.test(name)) addTo(messages.errors, node.arguments[0]);
		if (name === 'hints.push') addTo(messages.hints, node.arguments[0]);
		if (name === 'sentences.push') addTo(messages.additions, node.arguments[0]);
	}
	if (ts.isNewExpression(node) && node.expression.getText() === 'NodeOperationError') {
		addTo(messages.errors, node.arguments?.[1]);
	}
	// The table of wordings: functions that return a message and the way out.
	if (ts.isArrowFunction(node) && ts.isArrayLiteralExpression(node.body)) {
		if (isWithin(node, 'wordings')) addTo(messages.errors, node.body.elements[0]);
	}
	const isOfCredential = path.startsWith('credentials/');
	if (ts.isPropertyAssignment(node)) {
		const name = node.name.getText();
		// The reason of a failed task, where the service gives none, is the node's own word.
		if (name === 'cause' || name === 'reason') addTo(messages.causes, node.initializer);
		if (name === 'fault') addTo(messages.faults, node.initializer);
		if (name === 'message' && isOfCredential) addTo(messages.credentialTest, node.initializer);
	}
	if (ts.isVariableDeclaration(node)) {
		const name = node.name.getText();
		if (name === 'cause') addTo(messages.causes, node.initializer);
		// Why there was no answer, at the end of a way out.
		if (name === 'reason') addTo(messages.additions, node.initializer);
		if (name === 'message' && isOfCredential) addTo(messages.credentialTest, node.initializer);
	}
	// Functions that put a cause into words.
	if (ts.isReturnStatement(node) && /^describe(Cause|Stranger)$/.test(functionAround(node))) {
		addTo(messages.causes, node.expression);
	}
}

function isWithin(node: ts.Node, variable: string): boolean {
	for (let parent = node.parent; !ts.isSourceFile(parent); parent = parent.parent) {
		if (ts.isVariableDeclaration(parent)) return parent.name.getText() === variable;
	}
	return false;
}

/** The name of the function a statement is in; "" in one without a name. */
function functionAround(node: ts.Node): string {
	const around = ts.findAncestor(node, ts.isFunctionLike);
	return around?.name?.getText() ?? '';
}

/** The texts that an expression can become; of a choice between several all, of a variable none. */
function textsOf(expression: ts.Node): string[] {
	if (ts.isStringLiteralLike(expression)) return [expression.text];
	if (ts.isTemplateExpression(expression)) {
		const { head, templateSpans } = expression;
		return [[head.text, ...templateSpans.map(({ literal }) => literal.text)].join('…')];
	}
	if (ts.isConditionalExpression(expression)) {
		return [...textsOf(expression.whenTrue), ...textsOf(expression.whenFalse)];
	}
	if (ts.isBinaryExpression(expression)) {
		return [...textsOf(expression.left), ...textsOf(expression.right)];
	}
	return [];
}
