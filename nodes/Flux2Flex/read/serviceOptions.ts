import { servicesWithOption } from '../services/registry';
import type { OwnOption, Service } from '../services/service';
import type { NodeRun } from '../run/nodeRun';
import { problem, type Location } from '../run/problems';
import { checkNumber, show } from './fields';
import { readOptions } from './settings';

/**
 * The options of an item that only some services have, checked, by their names in the form.
 *
 * @throws NodeOperationError for a value out of range, and for one that another service would take:
 * left out in silence, the image would not be the one that was ordered
 */
export function readOwnOptions(
	run: NodeRun,
	itemIndex: number,
	service: Service,
): Record<string, unknown> {
	const where = { context: run.context, itemIndex };
	const values: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(readOptions(run, itemIndex))) {
		if (value === undefined || value === null || value === '') continue;
		const option = Object.hasOwn(service.ownOptions, name) ? service.ownOptions[name] : undefined;
		if (option === undefined) refuseOptionOfOthers(where, name, service);
		else values[name] = checkOption(run, itemIndex, option, value);
	}
	return values;
}

function refuseOptionOfOthers(where: Location, name: string, { displayName }: Service): void {
	const owners = servicesWithOption(name);
	const label = owners[0]?.ownOptions[name]?.label;
	if (label === undefined) return;
	const names = owners.map((owner) => owner.displayName).join(' and ');
	throw problem(
		where,
		`'${label}' is an option of ${names}, but the credential is for ${displayName}`,
		`Remove '${label}' from 'Options', or choose ${names} as 'Service' in the credential.`,
	);
}

function checkOption(run: NodeRun, itemIndex: number, option: OwnOption, value: unknown): unknown {
	const { label } = option;
	switch (option.kind) {
		case 'number':
			return checkNumber(run, itemIndex, value, option);
		case 'choice':
			if (typeof value === 'string' && option.choices.includes(value)) return value;
			break;
		case 'boolean':
			if (typeof value === 'boolean') return value;
			break;
		case 'text':
			if (typeof value === 'string') return value;
	}
	const wanted = {
		choice: 'one of its choices',
		boolean: 'true or false',
		text: 'text',
	}[option.kind];
	throw problem(
		{ context: run.context, itemIndex },
		`'${label}' is ${show(value)}, which is not ${wanted}`,
		`Change '${label}' under 'Options', or the expression behind it.`,
	);
}
