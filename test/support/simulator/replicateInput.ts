import { isHttpUrl, isRecord } from './jsonValues';

/** One thing that is wrong, as the service's checker of JSON schemas calls it. */
export interface InvalidField {
	type: string;
	/** With its path: `input.width`. */
	field: string;
	description: string;
}

/** A request that is refused with status 422. */
export class InvalidInput extends Error {
	constructor(readonly invalidFields: InvalidField[]) {
		super(invalidFields.map(({ field, description }) => `- ${field}: ${description}`).join('\n'));
	}
}

interface NumberLimits {
	least: number;
	most: number;
}

/**
 * Reads the fields of one object of a request and collects what is wrong with them, in the words of
 * the checker that the service uses. Absent and null are the same.
 */
export class ReplicateInput {
	readonly invalidFields: InvalidField[] = [];

	readonly fields: Record<string, unknown>;

	/** @param path of the object in the request; `''` = it is the request */
	constructor(
		object: unknown,
		private readonly path: string,
	) {
		this.fields = isRecord(object) ? object : {};
		if (!isRecord(object)) this.#refuseType('', 'object', object);
	}

	requiredText(name: string): string {
		const text = this.text(name);
		if (this.#value(name) === undefined) {
			this.refuse('', 'required', `${name} is required`);
		}
		return text ?? '';
	}

	text(name: string): string | undefined {
		const value = this.#value(name);
		if (value === undefined || typeof value === 'string') return value;
		this.#refuseType(name, 'string', value);
		return undefined;
	}

	flag(name: string): void {
		const value = this.#value(name);
		if (value !== undefined && typeof value !== 'boolean') {
			this.#refuseType(name, 'boolean', value);
		}
	}

	link(name: string): string | undefined {
		const link = this.text(name);
		if (link === undefined || isHttpUrl(link)) return link;
		this.refuse(name, 'format', "Does not match format 'uri'");
		return undefined;
	}

	number(name: string, limits: NumberLimits, type = 'number'): number | undefined {
		const value = this.#value(name);
		if (value === undefined) return undefined;
		if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value))) {
			this.#refuseType(name, type, value);
			return undefined;
		}
		if (value < limits.least) {
			this.refuse(name, 'number_gte', `Must be greater than or equal to ${limits.least}`);
		} else if (value > limits.most) {
			this.refuse(name, 'number_lte', `Must be less than or equal to ${limits.most}`);
		}
		return value;
	}

	integer(name: string, limits: NumberLimits): number | undefined {
		return this.number(name, limits, 'integer');
	}

	choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
		const value = this.#value(name);
		if (value === undefined) return undefined;
		const choice = choices.find((one) => one === value);
		if (choice === undefined) {
			const allowed = choices.map((one) => `"${one}"`).join(', ');
			this.refuse(name, 'enum', `${name} must be one of the following: ${allowed}`);
		}
		return choice;
	}

	/** The texts of a list; others in it are refused. */
	texts(name: string, most: number): string[] {
		const list = this.#value(name) ?? [];
		if (!Array.isArray(list)) {
			this.#refuseType(name, 'array', list);
			return [];
		}
		if (list.length > most) {
			this.refuse(name, 'array_max_items', `Array must have at most ${most} items`);
		}
		return list.filter((text: unknown, index): text is string => {
			const isText = typeof text === 'string';
			if (!isText) this.#refuseType(`${name}.${index}`, 'string', text);
			return isText;
		});
	}

	refuse(name: string, type: string, description: string): void {
		const field = [this.path, name].filter((part) => part !== '').join('.') || '(root)';
		this.invalidFields.push({ type, field, description });
	}

	#value(name: string): unknown {
		return this.fields[name] ?? undefined;
	}

	#refuseType(name: string, expected: string, value: unknown): void {
		const given = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
		this.refuse(name, 'invalid_type', `Invalid type. Expected: ${expected}, given: ${given}`);
	}
}
