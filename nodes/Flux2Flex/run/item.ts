import {
	NodeApiError,
	NodeOperationError,
	type IExecuteFunctions,
	type INodeProperties,
} from 'n8n-workflow';

import { options } from '../description/options';
import { show } from '../values/show';
import { asObject } from '../values/untrusted';
import type { NodeRun } from './nodeRun';

const optionNames: ReadonlySet<string> = new Set(options.options.map(({ name }) => name));

/** An input item on its way through the node: it reads its fields and makes its own problems. */
export class Item {
	/** Known once the item has a task, which costs money: from then on its problems name it. */
	taskId?: string;
	private optionValues?: Record<string, unknown>;

	constructor(
		readonly run: NodeRun,
		/** Its place in the input, from 0. */
		readonly index: number,
	) {}

	get context(): IExecuteFunctions {
		return this.run.context;
	}

	/**
	 * A field as n8n resolved it for this item, expressions included; its default where it is
	 * not set, which is also what null and undefined by expression mean.
	 */
	read(field: INodeProperties): unknown {
		const value = optionNames.has(field.name) ? this.options[field.name] : this.resolve(field);
		return value ?? field.default;
	}

	/** The options that are set, by name. n8n resolves all of them at once, so it is asked once. */
	get options(): Readonly<Record<string, unknown>> {
		this.optionValues ??= this.collection(options);
		return this.optionValues;
	}

	/**
	 * A field that holds others, by their names.
	 *
	 * @throws NodeOperationError when an expression gave something else: left out in silence, what was
	 * meant would not be what is paid for
	 */
	collection(field: INodeProperties): Readonly<Record<string, unknown>> {
		const value = this.resolve(field);
		const fields = asObject(value === '' ? {} : (value ?? {}));
		if (fields !== undefined) return fields;
		throw this.problem(
			`'${field.displayName}' cannot be taken from ${show(value)}`,
			`Fill in '${field.displayName}' in the form, or check the expression behind it.`,
		);
	}

	/** @throws NodeOperationError when an expression fails; n8n's own words do not name the field */
	private resolve({ name, displayName, default: fallback }: INodeProperties): unknown {
		try {
			return this.context.getNodeParameter(name, this.index, fallback);
		} catch (error) {
			throw this.problem(
				`'${displayName}' cannot be read: ${error instanceof Error ? error.message : String(error)}`,
				`Check the expression in '${displayName}' for this item.`,
			);
		}
	}

	/**
	 * An error that names this item and its task.
	 *
	 * @param message what happened, without a full stop
	 * @param description the way out
	 */
	problem(message: string, description: string): NodeOperationError {
		const task = this.taskId === undefined ? '' : ` (task ${this.taskId})`;
		// n8n keeps of an error row only the message, so whatever must survive stands in it.
		// Of an agent's tool only the message is read.
		const wayOut = this.run.isTool ? `. ${description}` : '';
		const text = withoutCancel(`${message}${task} [item ${this.index}]${wayOut}`);
		const error = new NodeOperationError(this.context.getNode(), text, {
			itemIndex: this.index,
			// Older agents hand the model both, and would say it twice.
			description: this.run.isTool ? undefined : description,
		});
		// The constructor swaps the whole message for a general one when a service's words or a user's
		// text happen to contain a system error code such as ETIMEDOUT ("preexisting" has EEXIST).
		error.message = text;
		return error;
	}

	/** Any error as one that n8n shows well: n8n's own and ours stay, others get item and way out. */
	asNodeError(error: unknown): NodeOperationError {
		if (error instanceof NodeOperationError && error.context.itemIndex !== undefined) return error;
		const known = error instanceof NodeOperationError || error instanceof NodeApiError;
		const message = error instanceof Error ? error.message : String(error);
		return this.problem(
			message,
			(known && error.description) ||
				'Check the fields of the node and the expressions in them for this item.',
		);
	}

	/** A line for n8n's log. */
	log(message: string, details: Record<string, unknown> = {}): void {
		const { index: itemIndex, taskId } = this;
		this.run.log(message, { itemIndex, ...(taskId !== undefined && { taskId }), ...details });
	}
}

/**
 * n8n marks an execution as canceled when its error has that word, which services and users' texts
 * may have too. Only the user cancels.
 */
function withoutCancel(text: string): string {
	return text.replaceAll('canceled', 'cancelled');
}
