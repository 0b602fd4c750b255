import { height, size, width } from '../description/request';
import {
	describeSizeRule,
	isValidSize,
	nearestSize,
	parseSize,
	writeSize,
	type ImageSize,
} from '../images/imageSize';
import type { Item } from '../run/item';
import type { Service } from '../services/service';
import { show } from '../values/show';
import { readNumber, readValue } from './fields';

/**
 * The size of an item's image; undefined lets the service choose.
 *
 * @throws NodeOperationError when it is no size, or none that the service makes
 */
export function readSize(item: Item, service: Service): ImageSize | undefined {
	const value = readValue(item, size);
	if (value === 'auto') return undefined;
	const wanted = value === 'custom' ? readCustomSize(item) : readWritten(value);
	if (wanted !== undefined && isValidSize(wanted, service.size)) return wanted;
	const shown =
		value === 'custom' && wanted ? `${writeSize(wanted)} (from 'Width' and 'Height')` : show(value);
	const nearest = wanted && `The nearest one is ${writeSize(nearestSize(wanted, service.size))}. `;
	throw item.problem(
		`'Size' is ${shown}, which is not a size that ${service.displayName} makes`,
		`${nearest ?? ''}Choose a size, or give width and height ${describeSizeRule(service.size)}, e.g. 1024*768.`,
	);
}

/** The form's limits are those of all services together; which sizes are made is for one to say. */
function readCustomSize(item: Item): ImageSize {
	const typeOptions = { minValue: 1, numberPrecision: 0 };
	return {
		width: readNumber(item, { ...width, typeOptions }, 'pixels'),
		height: readNumber(item, { ...height, typeOptions }, 'pixels'),
	};
}

function readWritten(value: unknown): ImageSize | undefined {
	return typeof value === 'string' ? parseSize(value) : undefined;
}
