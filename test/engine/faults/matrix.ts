import { dialects } from '../../support/services';
import { downloadRows } from './downloadRows';
import type { FaultRow } from './faultRow';
import { pollRows } from './pollRows';
import { submitRows } from './submitRows';

/** Every fault in every call, in every dialect. */
export const matrix: FaultRow[] = dialects.flatMap((service) =>
	[...submitRows(service), ...pollRows(service), ...downloadRows(service)].map((row) => ({
		...row,
		service,
	})),
);
