import { after, before, describe } from 'node:test';
import { shutDownOnSignals } from '../../../scripts/lib/shutdown.mjs';
import { startCluster } from './cluster.mjs';
import { testCancel } from './suites/cancel.mjs';
import { testDurable } from './suites/durable.mjs';
import { testFaults } from './suites/faults.mjs';
import { testThroughput } from './suites/throughput.mjs';

// One cluster for all suites: starting it is what takes long. They come in this order for a reason:
// the first has worker-1 alone, and what testDurable has put to sleep must outlive the faults.
describe("In n8n's queue mode,", () => {
	/** @type {import('./cluster.mjs').Cluster} */
	let cluster;
	const current = () => cluster;

	before(async () => {
		shutDownOnSignals(() => 130);
		cluster = await startCluster();
		await cluster.startWorker('worker-1');
	});
	after(async () => await cluster?.stop());

	testThroughput(current);
	testDurable(current, (afterRestarts) => testFaults(current, afterRestarts));
	testCancel(current);
});
