import type { Item } from '../run/item';
import { services } from '../services/registry';
import type { Service } from '../services/service';
import { readField } from './fields';

/**
 * The options of an item that only some services have, checked, by their names in the form.
 *
 * @throws NodeOperationError for a value out of range, and for one that another service would take:
 * left out in silence, the image would not be the one that was ordered
 */
export function readServiceOptions(item: Item, service: Service): Record<string, unknown> {
	const values: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(item.options)) {
		if (value === undefined || value === null || value === '') continue;
		const option = findOption(service, name);
		if (option === undefined) refuseOptionOfOthers(item, name, service);
		else values[name] = readField(item, option);
	}
	return values;
}

function findOption({ ownOptions }: Service, name: string) {
	return ownOptions.find((option) => option.name === name);
}

const allOf = new Intl.ListFormat('en', { type: 'conjunction' });
const oneOf = new Intl.ListFormat('en', { type: 'disjunction' });

function refuseOptionOfOthers(item: Item, name: string, { displayName }: Service): void {
	const owners = services.filter((service) => findOption(service, name) !== undefined);
	if (owners[0] === undefined) return;
	const label = findOption(owners[0], name)?.displayName;
	const names = owners.map((owner) => owner.displayName);
	throw item.problem(
		`'${label}' is an option of ${allOf.format(names)}, but the credential is for ${displayName}`,
		`Remove '${label}' from 'Options', or choose ${oneOf.format(names)} as 'Service' in the credential.`,
	);
}
