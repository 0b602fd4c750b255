import { downloadRows } from './downloadRows';
import type { FaultRow } from './faultRow';
import { pollRows } from './pollRows';
import { submitRows } from './submitRows';

/** Every fault in every call. */
export const matrix: FaultRow[] = [...submitRows, ...pollRows, ...downloadRows];
