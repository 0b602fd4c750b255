import { parseArgs } from 'node:util';

import type { ImageType, SimulatorOptions } from './index';
import { startSimulator } from './index';

/** Starts the simulator, says where it listens in one line of JSON, and runs until it is told to end. */
async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '5680' },
			host: { type: 'string', default: '127.0.0.1' },
			'base-path': { type: 'string', default: '' },
			'api-key': { type: 'string', multiple: true, default: ['simulator-key'] },
			'queue-milliseconds': { type: 'string', default: '0' },
			'processing-milliseconds': { type: 'string', default: '0' },
			'webhook-retry-milliseconds': { type: 'string', default: '1000' },
			'link-seconds': { type: 'string' },
			'max-active-tasks': { type: 'string', default: 'Infinity' },
			'image-type': { type: 'string', default: 'png' },
			'fal-ai-checks': { type: 'string', default: 'atSubmit' },
		},
	});
	const simulator = await startSimulator({
		port: Number(values.port),
		host: values.host,
		basePath: values['base-path'],
		apiKeys: values['api-key'],
		queueMilliseconds: Number(values['queue-milliseconds']),
		processingMilliseconds: Number(values['processing-milliseconds']),
		webhookRetryMilliseconds: Number(values['webhook-retry-milliseconds']),
		linkTimeToLiveSeconds: readNumber(values['link-seconds']),
		maxActiveTasks: readMaxActiveTasks(values['max-active-tasks']),
		imageType: values['image-type'] as ImageType,
		falAiChecks: values['fal-ai-checks'] as SimulatorOptions['falAiChecks'],
	});
	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		process.once(signal, () => void simulator.close());
	}
	process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
}

function readNumber(text: string | undefined): number | undefined {
	return text === undefined ? undefined : Number(text);
}

function readMaxActiveTasks(text: string): number | 'documented' {
	return text === 'documented' ? text : Number(text);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
