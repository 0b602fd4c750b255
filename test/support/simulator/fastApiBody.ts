import type { FastifyError } from 'fastify';

import { isHttpUrl, isRecord } from './jsonValues';

/** What FastAPI says is wrong with one field. */
export interface FieldProblem {
	type: string;
	loc: Array<string | number>;
	msg: string;
	/** The value that was sent. */
	input?: unknown;
	ctx?: Record<string, unknown>;
}

/** A request that FastAPI refuses with status 422 and `{ detail }`. */
export class UnprocessableRequest extends Error {
	constructor(readonly detail: FieldProblem[]) {
		super(detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
	}
}

/** What FastAPI says to such a request, and to one that is no JSON; undefined = it is our fault. */
export function problemsOf(error: FastifyError): FieldProblem[] | undefined {
	if (error instanceof UnprocessableRequest) return error.detail;
	if ((error.statusCode ?? 500) >= 500) return undefined;
	return [
		{
			type: 'json_invalid',
			loc: ['body', 0],
			msg: 'JSON decode error',
			input: {},
			ctx: { error: error.message },
		},
	];
}

interface NumberLimits {
	least: number;
	most: number;
}

/**
 * Reads the fields of a JSON body and collects all that is wrong with them, in the words of FastAPI
 * and Pydantic 2. Absent and null are the same. Stricter than the original in that it never converts
 * one type to another.
 */
export class FastApiBody {
	readonly problems: FieldProblem[] = [];

	readonly fields: Record<string, unknown>;

	constructor(body: unknown) {
		this.fields = isRecord(body) ? body : {};
		if (!isRecord(body)) {
			this.#add('model_attributes_type', [], 'Input should be a valid dictionary', body);
		}
	}

	/** @throws UnprocessableRequest when anything was wrong */
	finish(): void {
		if (this.problems.length > 0) throw new UnprocessableRequest(this.problems);
	}

	requiredText(name: string): string {
		const text = this.text(name);
		if (text === undefined && this.#value(name) === undefined) {
			this.#add('missing', [name], 'Field required', this.fields);
		}
		if (text === '') {
			this.#add('string_too_short', [name], 'String should have at least 1 character', text, {
				min_length: 1,
			});
		}
		return text ?? '';
	}

	text(name: string): string | undefined {
		return this.#typed(name, 'string', 'string_type', 'Input should be a valid string');
	}

	flag(name: string): boolean | undefined {
		return this.#typed<boolean>(name, 'boolean', 'bool_type', 'Input should be a valid boolean');
	}

	link(name: string): string | undefined {
		const link = this.text(name);
		if (link === undefined || isHttpUrl(link)) return link;
		this.#add('url_parsing', [name], 'Input should be a valid URL', link);
		return undefined;
	}

	number(name: string, limits: NumberLimits): number | undefined {
		const number = this.#typed<number>(
			name,
			'number',
			'float_type',
			'Input should be a valid number',
		);
		return number !== undefined && this.#isWithin(name, number, limits) ? number : undefined;
	}

	integer(name: string, limits: NumberLimits): number | undefined {
		const number = this.#typed<number>(
			name,
			'number',
			'int_type',
			'Input should be a valid integer',
		);
		if (number === undefined) return undefined;
		if (!Number.isInteger(number)) {
			this.#add('int_from_float', [name], 'Input should be a valid integer', number);
			return undefined;
		}
		return this.#isWithin(name, number, limits) ? number : undefined;
	}

	choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
		const value = this.#value(name);
		if (value === undefined) return undefined;
		const choice = choices.find((one) => one === value);
		if (choice === undefined) {
			const expected = choices.map((one) => `'${one}'`).join(', ');
			this.#add('enum', [name], `Input should be ${expected}`, value, { expected });
		}
		return choice;
	}

	/** Notes what only the caller can see. */
	refuse(name: string, message: string): void {
		this.#add('value_error', [name], `Value error, ${message}`);
	}

	#value(name: string): unknown {
		return this.fields[name] ?? undefined;
	}

	#typed<Type = string>(name: string, type: string, kind: string, msg: string): Type | undefined {
		const value = this.#value(name);
		if (value === undefined || typeof value === type) return value as Type | undefined;
		this.#add(kind, [name], msg, value);
		return undefined;
	}

	#isWithin(name: string, number: number, { least, most }: NumberLimits): boolean {
		if (number < least) {
			const msg = `Input should be greater than or equal to ${least}`;
			this.#add('greater_than_equal', [name], msg, number, { ge: least });
		} else if (number > most) {
			const msg = `Input should be less than or equal to ${most}`;
			this.#add('less_than_equal', [name], msg, number, { le: most });
		}
		return number >= least && number <= most;
	}

	#add(
		type: string,
		path: string[],
		msg: string,
		input?: unknown,
		ctx?: Record<string, unknown>,
	): void {
		this.problems.push({ type, loc: ['body', ...path], msg, input, ctx });
	}
}
